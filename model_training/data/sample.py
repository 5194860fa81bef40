"""One digit or letter of other handwriting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_training.data.look_alikes import LOOK_ALIKES


@dataclass(frozen=True)
class Sample:
    """One digit or letter by one writer, as strokes or as an image."""

    label: str
    """`0` to `9`, a letter, or `none` for what is neither."""
    writer: str
    """`source/writer`, unique among all sources."""
    source: str
    """The device or collection."""
    collection: str
    """The file or folder that holds it."""
    strokes: tuple[NDArray[np.float64], ...] = ()
    """Each (n, 2) points (x, y), y down, in the device's unit; empty for an image."""
    grey: NDArray[np.uint8] | None = None
    """(h, w) uint8 grey levels; None for strokes."""
    where: str = ""
    """The file, and the place in it."""
    part: str = ""
    """`train`, `validation` or `test`, where its folder says so; empty where the writer decides."""

    @property
    def digit(self) -> int | None:
        """0 to 9; None for a non-digit."""
        return int(self.label) if self.label in set("0123456789") else None

    @property
    def non_digit(self) -> bool:
        """Whether it is a non-digit that cannot pass for a digit."""
        return self.digit is None and self.label not in LOOK_ALIKES
