"""The interleaved rounds: in each, every contestant is started, loaded and stopped, alone on the machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks import environment, wrk
from tests.benchmarks.contestant import Contestant
from tests.benchmarks.payload import Payload
from tests.benchmarks.progress import Progress
from tests.benchmarks.record import Record
from tests.benchmarks.server import Server, ServerFailed, running

WARM_CONCURRENCY = 16
WARM_SECONDS = 2
"""Before the loads of each payload: the batchers among the peers learn from the first requests."""
START_SECONDS = 3
"""Expected, for the time left."""


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: int  # of each load
    workers: int  # processes of each server
    port: int  # first of two


def set_up(contestants: Sequence[Contestant]) -> list[Record]:
    """Make every environment that is missing. A contestant whose environment fails is reported and left out."""
    records = [Record(contestant) for contestant in contestants]
    for record in records:
        try:
            environment.prepare(record.contestant)
            record.versions = environment.versions(record.contestant)
        except environment.SetUpFailed as error:
            _leave_out(record, f"set-up failed: {error}")
    return records


def run(records: Sequence[Record], plan: Plan) -> None:
    """Load all contestants that were set up, and fill in their records.

    Each round begins with another contestant, so that none is always first.
    """
    progress = Progress(plan.rounds * sum(_expected(record, plan) for record in records if not record.failure))
    for number in range(plan.rounds):
        first = number % max(1, len(records))
        for record in [*records[first:], *records[:first]]:
            if not record.failure:
                progress.begin(f"Round {number + 1} of {plan.rounds}: {record.contestant.title}")
                _measure(record, plan)
                progress.end(_expected(record, plan))
    progress.close()


def _expected(record: Record, plan: Plan) -> float:
    """Estimate the seconds of one contestant's round."""
    payloads = record.contestant.payloads
    return START_SECONDS + sum(WARM_SECONDS + len(payload.concurrency) * plan.seconds for payload in payloads)


def _measure(record: Record, plan: Plan) -> None:
    try:
        with running(record.contestant, plan.port, plan.workers) as server:
            for payload in record.contestant.payloads:
                _load(record, server, payload, plan.seconds)
            record.start_up_s.append(server.start_up_s)
            record.memory_mib.append(server.memory_mib)
    except (ServerFailed, wrk.WrkFailed) as error:
        _leave_out(record, str(error))


def _load(record: Record, server: Server, payload: Payload, seconds: float) -> None:
    protocol = record.contestant.protocol
    bodies = [protocol.encode(png) for png in payload.pngs]
    wrk.run(server.url, protocol.headers, bodies, WARM_CONCURRENCY, WARM_SECONDS)
    for concurrency in payload.concurrency:
        load = wrk.run(server.url, protocol.headers, bodies, concurrency, seconds)
        record.loads.setdefault((payload.name, concurrency), []).append(load)


def _leave_out(record: Record, reason: str) -> None:
    record.fail(reason)
    print(f"\nLeft out: {record.contestant.title}: {reason}", file=sys.stderr, flush=True)
