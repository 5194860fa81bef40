"""What the model's words come to: which digit each image holds, and whether to trust that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from models.errors import BlankDrawing, RequestError
from models.inference.digit_model import Predictions
from service.images.items import Item


def judge(items: Sequence[Item], predictions: Predictions) -> Iterator[dict[str, Any] | RequestError]:
    """Judge each image, in order.

    Args:
        items: images.
        predictions: of those that are digits.

    Yields:
        `digit`, `probabilities`, `confidence`, `digit_score`, `accepted` and `reason`; or why an image was not read.
    """
    verdicts = _of_digits(predictions)
    for item in items:
        if isinstance(item, RequestError):
            yield item
        else:
            yield _of_a_blank() if isinstance(item, BlankDrawing) else next(verdicts)


def _of_digits(predictions: Predictions) -> Iterator[dict[str, Any]]:
    contract = predictions.model.contract
    rejection = contract.rejection
    rows = zip(predictions.probabilities.tolist(), predictions.digit_score.tolist(), strict=True)
    for probabilities, score in rows:
        second, best = sorted(probabilities)[-2:]
        reason = None
        if score < rejection.min_digit_score:
            reason = "not_a_digit"
        elif best - second < rejection.min_margin:
            reason = "ambiguous"
        yield {
            "digit": contract.classes[probabilities.index(best)],
            "probabilities": probabilities,
            "confidence": best,
            "digit_score": score,
            "accepted": reason is None,
            "reason": reason,
        }


def _of_a_blank() -> dict[str, Any]:
    return {
        "digit": None,
        "probabilities": [0.1] * 10,
        "confidence": 0.1,
        "digit_score": 0.0,
        "accepted": False,
        "reason": "blank",
    }
