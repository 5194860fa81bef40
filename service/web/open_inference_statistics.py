"""The counters of all workers in the shape of the Open Inference Protocol's statistics extension."""

from __future__ import annotations

from typing import Any, NamedTuple

from service.inference.served_model import ServedModel
from service.observability.metrics import LAST_INFERENCE, LAST_READING
from service.observability.shared_counters import Counters
from service.protocols.endpoint import DIGITS, NUMBERS
from service.protocols.registry import ENDPOINTS


class Counted(NamedTuple):
    """By which names a model's work is counted.

    Attributes:
        stages: for each duration of the extension, the stages of a request.
        size: histogram of what was read in a call.
        last: time of the last call.
    """

    stages: dict[str, tuple[str, ...]]
    size: str
    last: str


COUNTED = {
    DIGITS: Counted(
        {"queue": ("queue",), "compute_input": ("decode", "canonicalize"), "compute_infer": ("infer",)},
        "digits_batch_size",
        LAST_INFERENCE,
    ),
    NUMBERS: Counted(
        {
            "queue": ("numbers_queue",),
            "compute_input": ("numbers_decode", "numbers_layout"),
            "compute_infer": ("numbers_read",),
        },
        "digits_number_length",
        LAST_READING,
    ),
}


def statistics(model: ServedModel[Any], counters: Counters) -> dict[str, Any]:
    """Describe what all workers have done since the service started, whichever version did it."""
    totals = counters.total()
    counted = COUNTED[model.name]
    routes = [endpoint.route for endpoint in ENDPOINTS if endpoint.model == model.name]

    def timed(name: str, *labels: str) -> tuple[float, float]:
        """Return the count and the total seconds of a histogram."""
        series = {key[-1]: number for key, number in totals.items() if key[:-1] == (name, *labels)}
        return sum(number for bound, number in series.items() if bound != "sum"), series.get("sum", 0.0)

    def requests(good: bool) -> float:
        return sum(
            number
            for key, number in totals.items()
            if key[0] == "digits_requests" and key[1] in routes and (key[2] == "200") == good
        )

    stages = {}
    for stage, parts in counted.stages.items():
        together = [timed("digits_stage_seconds", part) for part in parts]
        stages[stage] = _duration(together[0][0], sum(seconds for _, seconds in together))
    executions, digits = timed(counted.size)
    last = max(slot.value(counted.last) for slot in counters.slots)
    return {
        "name": model.name,
        "version": str(model.version),
        "last_inference": int(1000 * last),
        "inference_count": int(digits),
        "execution_count": int(executions),
        "inference_stats": {
            "success": _duration(
                requests(good=True), sum(timed("digits_request_seconds", route)[1] for route in routes)
            ),
            "fail": _duration(requests(good=False), 0.0),
            **stages,
            "compute_output": _duration(0, 0.0),
            "cache_hit": _duration(0, 0.0),
            "cache_miss": _duration(0, 0.0),
        },
        "batch_stats": [],
    }


def _duration(count: float, seconds: float) -> dict[str, int]:
    return {"count": int(count), "ns": int(seconds * 1e9)}
