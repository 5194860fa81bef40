"""Where each microsecond of a prediction goes, and how near the service is to its ceiling.

A server that keeps n cores busy and answers r requests a second spends n / r core-seconds on each. That holds for the
HTTP floor, which has no model, as for the service; both times include wrk's share of the same cores. Between the two
lie the stages, which are timed one by one.
"""

from __future__ import annotations

from typing import Any

CONCURRENCY = 64
"""At which every core is busy."""
BATCHED = "inference at 16"
"""The batch that the service forms under load."""


def of(payload: str, servers: list[dict[str, Any]], stages: dict[str, Any], cores: int) -> dict[str, Any]:
    """One payload's budget.

    Args:
        payload: its name.
        servers: of the document.
        stages: payload -> stage -> spread in microseconds.
        cores: that the servers shared with wrk.

    Returns:
        Core-microseconds a request: `floor`, the stages, and `service`, the whole; `rest` is what the whole has beyond
        them. `ceiling` is cores / (floor + canonicalize + batched inference), in requests per second;
        `ceiling_with_decoding` has the PNG decoded as well; each `share` is the service's rate over one of them. None
        where the floor or the service was not measured.
    """
    median = {stage: spread["median"] for stage, spread in stages[payload].items()}
    rates = {server["role"]: _rate(server, payload) for server in servers if server["role"] in ("service", "floor")}
    floor_rate, service_rate = rates.get("floor"), rates.get("service")
    parts: dict[str, float | None] = {
        "floor": _core_us(cores, floor_rate),
        **{stage: median[stage] for stage in ("decode", "canonicalize", BATCHED, "serialize")},
    }
    whole = _core_us(cores, service_rate)
    known = None if parts["floor"] is None else sum(us for us in parts.values() if us is not None)
    ceiling = decoding = None
    if parts["floor"] is not None:
        least = parts["floor"] + median["canonicalize"] + median[BATCHED]
        ceiling, decoding = 1e6 * cores / least, 1e6 * cores / (least + median["decode"])
    return {
        "payload": payload,
        "core_us": {**parts, "rest": None if whole is None or known is None else whole - known, "service": whole},
        "service": service_rate,
        "ceiling": ceiling,
        "ceiling_with_decoding": decoding,
        "share": service_rate / ceiling if service_rate and ceiling else None,
        "share_with_decoding": service_rate / decoding if service_rate and decoding else None,
    }


def _rate(server: dict[str, Any], payload: str) -> float | None:
    """Requests per second, the median of the rounds."""
    for load in server["loads"]:
        if (load["payload"], load["concurrency"]) == (payload, CONCURRENCY):
            return load["requests_per_second"]["median"]
    return None


def _core_us(cores: int, rate: float | None) -> float | None:
    return 1e6 * cores / rate if rate else None
