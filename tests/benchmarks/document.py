"""Everything that was measured as one JSON document, from which the tables and the plot are drawn."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.benchmarks import machine, mixed_load, raw_batches, wrk
from tests.benchmarks.mixed_load import MixedLoads
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.raw_batches import RawBatches
from tests.benchmarks.record import Record
from tests.benchmarks.rounds import WARM_SECONDS, Plan
from tests.benchmarks.spread import Spread, ratio

Document = dict[str, Any]


@dataclass
class Measurements:
    """The results of one run; what was not chosen stays empty."""

    records: Sequence[Record] = ()  # of every contestant, also those left out
    stages: dict[str, dict[str, dict[str, list[float]]]] = field(default_factory=dict)
    """Contestant -> payload -> stage -> microseconds a digit."""
    batches: RawBatches = field(default_factory=RawBatches)
    memory: dict[str, Any] = field(default_factory=dict)  # from `memory_growth.measure`
    mixed: MixedLoads = field(default_factory=dict)


def build(measured: Measurements, plan: Plan) -> Document:
    """Write a run as JSON values: each list of measurements as median, low and high."""
    records = {record.contestant.name: record for record in measured.records if not record.failure}
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "method": {
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "warm_seconds": WARM_SECONDS,
            "workers": plan.workers,
            "wrk": wrk.version(),
        },
        "payloads": [
            {
                "name": payload.name,
                "title": payload.title,
                "images": len(payload.pngs),
                "bytes": round(sum(map(len, payload.pngs)) / len(payload.pngs)),
                "concurrency": payload.concurrency,
            }
            for payload in PAYLOADS
        ],
        "servers": [_server(record, records) for record in measured.records],
        "stages_us": {
            name: {
                payload: {stage: _spread(microseconds) for stage, microseconds in stages.items()}
                for payload, stages in payloads.items()
            }
            for name, payloads in measured.stages.items()
        },
        "raw_batches": raw_batches.document(measured.batches),
        "memory_growth": measured.memory,
        "mixed_load": mixed_load.document(measured.mixed),
    }


def sent(document: Document, payload: str) -> list[dict[str, Any]]:
    """The servers that a payload was sent to, and those left out of everything."""
    return [
        server
        for server in document["servers"]
        if server["failure"] or any(load["payload"] == payload for load in server["loads"])
    ]


def load_of(server: dict[str, Any], payload: str, concurrency: int) -> dict[str, Any]:
    """One of a server's loads. The server must have been sent the payload."""
    return next(x for x in server["loads"] if (x["payload"], x["concurrency"]) == (payload, concurrency))


def _server(record: Record, records: Mapping[str, Record]) -> dict[str, Any]:
    contestant = record.contestant
    return {
        "name": contestant.name,
        "title": contestant.title,
        "role": contestant.role,
        "model_version": contestant.version,
        "versions": record.versions,
        "failure": record.failure,
        "start_up_s": _spread(record.start_up_s),
        "memory_mib": _spread(record.memory_mib),
        "compared_with": contestant.compared_with,
        "loads": [_load(record, payload, concurrency, records) for payload, concurrency in record.loads],
    }


def _load(record: Record, payload: str, concurrency: int, records: Mapping[str, Record]) -> dict[str, Any]:
    loads, rates = record.loads[payload, concurrency], record.rates(payload, concurrency)
    own = records.get(record.contestant.compared_with)
    return {
        "payload": payload,
        "concurrency": concurrency,
        "requests_per_second": _spread(rates),
        "service_is_times": asdict(ratio(own.rates(payload, concurrency), rates)) if own else None,
        "p50_ms": _spread([load.p50_ms for load in loads]),
        "p99_ms": _spread([load.p99_ms for load in loads]),
        "status_errors": sum(load.status_errors for load in loads),
        "socket_errors": sum(load.socket_errors for load in loads),
        "rounds": [asdict(load) for load in loads],
    }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    return asdict(Spread.of(values)) if values else None
