"""The interleaved run: in each round every contestant is started, loaded and stopped, alone on the machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import environment, stages, wrk
from tests.benchmarks.contestant import Contestant
from tests.benchmarks.payload import PAYLOADS, Payload
from tests.benchmarks.progress import Progress
from tests.benchmarks.record import Record
from tests.benchmarks.server import Server, ServerFailed, running

CONCURRENCY = (1, 16, 64)
WARM_CONCURRENCY = 16
WARM_SECONDS = 2
"""Before the loads of each payload: the batchers among the peers learn from the first requests."""
START_SECONDS = 5
"""Expected, for the time left."""


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float  # of each load
    workers: int  # processes of each server
    port: int  # first of two
    artifact: Path  # directory of the model that all serve


StageCosts = dict[str, dict[str, list[float]]]
"""Payload -> stage -> microseconds a digit."""


def set_up(contestants: Sequence[Contestant]) -> list[Record]:
    """Make every environment that is not there. One that fails is said and left out."""
    records = [Record(contestant) for contestant in contestants]
    for record in records:
        try:
            environment.prepare(record.contestant)
            record.versions = environment.versions(record.contestant)
        except environment.SetUpFailed as error:
            _leave_out(record, f"set-up failed: {error}")
    return records


def run(records: Sequence[Record], plan: Plan) -> StageCosts:
    """Measure all that was set up; the records are filled in.

    Each round begins with another contestant, so that none is always first.
    """
    costs: StageCosts = {payload.name: {} for payload in PAYLOADS}
    progress = Progress(plan.rounds * sum(_expected(record, plan) for record in records if not record.failure))
    for number in range(plan.rounds):
        for payload in PAYLOADS:
            for stage, microseconds in stages.measure(plan.artifact, payload).items():
                costs[payload.name].setdefault(stage, []).extend(microseconds)
        first = number % len(records)
        for record in [*records[first:], *records[:first]]:
            if not record.failure:
                progress.begin(f"Round {number + 1} of {plan.rounds}: {record.contestant.title}")
                _measure(record, plan)
                progress.end(_expected(record, plan))
    progress.close()
    return costs


def _expected(record: Record, plan: Plan) -> float:
    """Seconds that a round of one contestant takes."""
    return START_SECONDS + len(record.contestant.payloads) * (WARM_SECONDS + len(CONCURRENCY) * plan.seconds)


def _measure(record: Record, plan: Plan) -> None:
    try:
        with running(record.contestant, plan.artifact, plan.port, plan.workers) as server:
            for payload in record.contestant.payloads:
                _load(record, server, payload, plan.seconds)
            record.start_up_s.append(server.start_up_s)
            record.memory_mib.append(server.memory_mib)
    except (ServerFailed, wrk.WrkFailed) as error:
        _leave_out(record, str(error))


def _load(record: Record, server: Server, payload: Payload, seconds: float) -> None:
    protocol = record.contestant.protocol
    body = protocol.encode(payload.png)
    wrk.run(server.url, protocol.headers, body, WARM_CONCURRENCY, WARM_SECONDS)
    for concurrency in CONCURRENCY:
        load = wrk.run(server.url, protocol.headers, body, concurrency, seconds)
        record.loads.setdefault((payload.name, concurrency), []).append(load)


def _leave_out(record: Record, reason: str) -> None:
    record.fail(reason)
    print(f"\nLeft out: {record.contestant.title}: {reason}", file=sys.stderr, flush=True)
