"""A body of raw pixels, n x 784 bytes -> n digits: the cheapest way to send many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.errors import BlankDrawing, UnusableInput
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.mnist_geometry import SIZE, Digit, are_canonical
from models.preprocessing.polarity import find_ink

BYTES = SIZE * SIZE
FEW = 4
"""Drawings that are looked at one by one as fast as all at once."""
LIGHT = 32
"""Canonical digits that an event loop may classify: 1.5 ms."""


def drawings(body: bytes) -> NDArray[np.uint8]:
    """The drawings in a body.

    Returns:
        (n, 28, 28) uint8 grey levels, dark on light or light on dark.

    Raises:
        UnusableInput: the body is not n x 784 bytes.
    """
    if len(body) % BYTES:
        raise UnusableInput("bad_pixels", f"A raw body must be a multiple of {BYTES} bytes, not {len(body):,}.")
    return np.frombuffer(body, np.uint8).reshape(-1, SIZE, SIZE)


def are_light(drawings: NDArray[np.uint8]) -> bool:
    """Whether an event loop may redraw them: few, or MNIST's already. On uneven, ruled paper each takes 5 ms of a core.

    Args:
        drawings: (n, 28, 28) uint8.
    """
    return len(drawings) <= FEW or (len(drawings) <= LIGHT and bool(are_canonical(drawings).all()))


def digits(drawings: NDArray[np.uint8]) -> list[Digit | BlankDrawing]:
    """Each drawing made canonical; those that are already are taken as they are, all at once where they are many."""
    if len(drawings) <= FEW:
        return [_redrawn(drawing) for drawing in drawings]
    return [
        drawing if canonical else _redrawn(drawing)
        for drawing, canonical in zip(drawings, are_canonical(drawings), strict=True)
    ]


def _redrawn(drawing: NDArray[np.uint8]) -> Digit | BlankDrawing:
    try:
        return canonicalize(find_ink(drawing))
    except BlankDrawing as error:
        return error
