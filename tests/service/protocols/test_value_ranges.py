"""Pixels on other scales than 0 to 255, on every protocol that takes numbers."""

from __future__ import annotations

import numpy as np
import pytest

PROTOCOLS = {
    "/predict": lambda pixels: {"pixels": pixels},
    "/v1/models/digits:predict": lambda pixels: {"instances": [pixels]},
    "/v2/models/digits/infer": lambda pixels: {
        "inputs": [{"name": "image", "datatype": "FP32", "shape": [1, 28, 28], "data": pixels}]
    },
}
"""Path -> a request with the pixels of one digit."""


def digit_of(answer):
    """Take the digit out of an answer of any protocol."""
    if "outputs" in answer:
        return next(output["data"][0] for output in answer["outputs"] if output["name"] == "label")
    return answer.get("digit") if "digit" in answer else int(np.argmax(answer["predictions"][0]))


@pytest.mark.parametrize("path", PROTOCOLS)
@pytest.mark.parametrize("dark", [False, True])
def test_pixels_from_0_to_1_are_read(post, splits, path, dark):
    for n in range(10):
        grey = splits.test.digits[n] / 255
        reply = post(PROTOCOLS[path]((1 - grey if dark else grey).tolist()), path=path)
        assert (reply.status, digit_of(reply.json)) == (200, splits.test.labels[n])


@pytest.mark.parametrize("path", PROTOCOLS)
def test_pixels_of_0_and_1_are_read(post, splits, path):
    binary = (splits.test.digits[0] > 127).astype(int)
    assert digit_of(post(PROTOCOLS[path](binary.tolist()), path=path).json) == 7


@pytest.mark.parametrize("path", PROTOCOLS)
@pytest.mark.parametrize(("scale", "words"), [(3, "from 0 to 3 only"), (1000, "from 0 to 255"), (-1, "from 0 to 255")])
def test_pixels_whose_range_cannot_be_told_are_refused(post, splits, path, scale, words):
    reply = post(PROTOCOLS[path]((splits.test.digits[0] / 255 * scale).tolist()), path=path)
    assert reply.status in (400, 422)
    assert words in str(reply.json)
