"""How the pictures differ from those on which a version was validated."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from service.score.tally import Tally

SHIFTED = 0.25
"""Population stability index from which the digits are called different, as is usual."""
FACTOR = 2.0
"""How many times as many refusals, or expected mistakes, as in validation are called different."""
LEAST = 1e-4
"""Share that a digit is taken to have at least, so that one that never occurs has an index."""


def measure(tally: Tally, report: Path) -> dict[str, Any] | None:
    """Compare the answers with the validation part of a version's report.

    Returns:
        Shares here and in validation, and which of them have drifted; None if nothing was read, or if the report has
        no shares, as that of the reader of numbers.
    """
    validation = _validation(report)
    if validation is None or not tally.answered:
        return None
    seen = [tally.digits[str(digit)] / max(tally.digits.total(), 1) for digit in range(10)]
    answers = [sum(row[digit] for row in validation["confusion"]) / validation["n"] for digit in range(10)]
    refused = (tally.read - tally.accepted) / tally.read
    expected = tally.confidence / tally.answered
    pairs = zip(_floored(seen), _floored(answers), strict=True)
    index = sum((here - there) * math.log(here / there) for here, there in pairs)
    drifted = {
        "refused": refused > FACTOR * validation["refused"],
        "expected_accuracy": 1 - expected > FACTOR * (1 - validation["accuracy"]),
        "digits": index > SHIFTED,
    }
    return {
        "n": tally.read,
        "validation_n": validation["n"],
        "refused": {"here": refused, "validation": validation["refused"]},
        "expected_accuracy": {"here": expected, "validation": validation["accuracy"]},
        "digits": {"here": seen, "validation": answers, "stability_index": index},
        "drifted": [name for name, has in drifted.items() if has],
    }


def _validation(report: Path) -> dict[str, Any] | None:
    try:
        validation: dict[str, Any] = json.loads(report.read_bytes())["validation"]
        return validation if {"n", "accuracy", "refused", "confusion"} <= validation.keys() else None
    except (OSError, ValueError, KeyError):
        return None


def _floored(shares: list[float]) -> list[float]:
    return [max(share, LEAST) for share in shares]
