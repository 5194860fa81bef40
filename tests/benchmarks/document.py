"""Everything that was measured as one JSON document: what the tables and the plot are drawn from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tests.benchmarks import budget, cost, machine, neighbours, wrk
from tests.benchmarks.contestant import SERVICE
from tests.benchmarks.cost import Costs
from tests.benchmarks.neighbours import Felt
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.record import Record
from tests.benchmarks.rounds import CONCURRENCY, WARM_SECONDS, Plan, StageCosts
from tests.benchmarks.spread import Spread, ratio

Document = dict[str, Any]


def build(records: Sequence[Record], stage_costs: StageCosts, costs: Costs | None, felt: Felt, plan: Plan) -> Document:
    """The run as a document.

    Args:
        records: of every contestant, also those left out.
        stage_costs: of the service's stages.
        costs: of growing work; None: not measured.
        felt: by small requests, of large ones; empty: not measured.
        plan: how it was measured.
    """
    measured = {record.contestant.name: record for record in records if not record.failure}
    servers = [_server(record, measured) for record in records]
    stages = {payload: {stage: _spread(us) for stage, us in table.items()} for payload, table in stage_costs.items()}
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "method": {
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "warm_seconds": WARM_SECONDS,
            "workers": plan.workers,
            "concurrency": list(CONCURRENCY),
            "wrk": wrk.version(),
            "model_version": plan.artifact.name,
        },
        "payloads": [{"name": p.name, "title": p.title, "bytes": len(p.png), "digit": p.digit} for p in PAYLOADS],
        "servers": servers,
        "stages_us": stages,
        "cost": cost.document(costs, stages[PAYLOADS[0].name]["inference at 32"]["median"]) if costs else None,
        "neighbours": neighbours.document(felt),
        "budgets": [budget.of(payload.name, servers, stages, plan.workers) for payload in PAYLOADS],
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


def _server(record: Record, measured: Mapping[str, Record]) -> dict[str, Any]:
    return {
        "name": record.contestant.name,
        "title": record.contestant.title,
        "role": record.contestant.role,
        "versions": record.versions,
        "failure": record.failure,
        "start_up_s": _spread(record.start_up_s),
        "memory_mib": _spread(record.memory_mib),
        "compared_with": record.contestant.compared_with,
        "loads": [_load(record, payload, concurrency, measured) for payload, concurrency in record.loads],
    }


def _load(record: Record, payload: str, concurrency: int, measured: Mapping[str, Record]) -> dict[str, Any]:
    loads, rates = record.loads[payload, concurrency], record.rates(payload, concurrency)
    own, service = measured.get(record.contestant.compared_with), measured.get(SERVICE.name)
    return {
        "payload": payload,
        "concurrency": concurrency,
        "requests_per_second": _spread(rates),
        "service_is_times": asdict(ratio(own.rates(payload, concurrency), rates)) if own else None,
        "share_of_service": asdict(ratio(rates, service.rates(payload, concurrency))) if service else None,
        "p50_ms": _spread([load.p50_ms for load in loads]),
        "p99_ms": _spread([load.p99_ms for load in loads]),
        "status_errors": sum(load.status_errors for load in loads),
        "socket_errors": sum(load.socket_errors for load in loads),
        "rounds": [asdict(load) for load in loads],
    }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    return asdict(Spread.of(values)) if values else None
