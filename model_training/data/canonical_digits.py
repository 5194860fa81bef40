"""People's specimens as the service would read them: drawn, canonicalized, and what came out blank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_training import progress
from model_training.data.handwriting import Specimen
from models.errors import BlankDrawing
from models.preprocessing import rasterize
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

SURE = 0.99
"""An answer other than the label, as probable as this and accepted, makes the label look wrong."""


@dataclass(frozen=True)
class Reading:
    """Specimens and their canonical digits, one for one."""

    specimens: list[Specimen]
    digits: NDArray[np.uint8]
    """(n, 28, 28) uint8."""
    blank: list[Specimen]
    """What held no ink."""


def read(specimens: Iterable[Specimen]) -> Reading:
    """Canonicalize each specimen once, strokes drawn as those of a JSON request are."""
    reading = Reading([], np.zeros((0, 28, 28), np.uint8), [])
    digits = []
    for specimen in progress.bar(list(specimens), desc="canonicalizing", unit="drawing"):
        try:
            drawing = find_ink(specimen.grey) if specimen.grey is not None else rasterize.draw(specimen.strokes)
            digits.append(canonicalize(drawing))
        except BlankDrawing:
            reading.blank.append(specimen)
        else:
            reading.specimens.append(specimen)
    return Reading(reading.specimens, np.stack(digits) if digits else reading.digits, reading.blank)
