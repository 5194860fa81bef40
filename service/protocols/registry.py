"""The endpoint of each path."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from models.errors import RequestError
from service.protocols import native, numbers, tensorflow_serving
from service.protocols.endpoint import NUMBERS, Endpoint
from service.protocols.open_inference import digits as infer_digits
from service.protocols.open_inference import numbers as infer_numbers
from service.protocols.open_inference import targets
from service.protocols.response import Response, bare_failure, bare_refusal, failure, refusal

ENDPOINTS = (
    native.PREDICT,
    numbers.READ,
    infer_digits.INFER,
    infer_numbers.INFER,
    tensorflow_serving.PREDICT,
    tensorflow_serving.PREDICT_NUMBERS,
    tensorflow_serving.CLASSIFY,
)
BARE_PATHS = ("/v1/", "/v2/")
"""Paths of protocols whose errors are `{"error": "..."}`."""


@lru_cache(maxsize=64)
def find(path: str) -> Endpoint | None:
    """Find the endpoint for predictions that answers `POST` on a path; None if there is none."""
    if path == native.PREDICT.route:
        return native.PREDICT
    if path == numbers.READ.route:
        return numbers.READ
    if matched := targets.PATH.fullmatch(path):
        return infer_numbers.INFER if matched[1] == NUMBERS else infer_digits.INFER
    if matched := tensorflow_serving.PATH.fullmatch(path):
        if matched[4] == "classify":
            return tensorflow_serving.CLASSIFY
        return tensorflow_serving.PREDICT_NUMBERS if matched[1] == NUMBERS else tensorflow_serving.PREDICT
    return None


def is_bare(path: str) -> bool:
    """Whether the errors of a path are `{"error": "..."}`."""
    return f"{path}/".startswith(BARE_PATHS)


class Shapes(NamedTuple):
    """How the errors of a path are written, given the request's id."""

    refuse: Callable[[RequestError, str], Response]
    fail: Callable[[str], Response]


def shapes(path: str) -> Shapes:
    """Find how the errors of a path are written, whether or not it has an endpoint."""
    return Shapes(bare_refusal, bare_failure) if is_bare(path) else Shapes(refusal, failure)
