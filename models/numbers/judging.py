"""Cut out the digits that each island may hold, and let the network for single digits judge them, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.arrays import Digit
from models.errors import BlankDrawing
from models.inference.digit_model import DigitModel, Prediction
from models.inference.rejection import DIGITS
from models.numbers.islands import Candidate, Island
from models.numbers.pieces import Cutter, Piece, Place
from models.preprocessing.canonicalize import canonicalize

PAPER = 2
"""Pixels around a digit that is cut out; ink from edge to edge would be searched for ruled lines."""
PLAUSIBLE = 2.5
"""Strings of another length whose log probability is this far below the best are not judged."""


class Alone(NamedTuple):
    """A digit that was cut out, and what the network for single digits says of it."""

    piece: Piece
    prediction: Prediction


class Judged(NamedTuple):
    """The strings of one length that an island may hold; their digits are cut out in the same way."""

    candidates: list[Candidate]
    """Likeliest first."""
    digits: list[Alone]


def judge(found: Sequence[Island], cutter: Cutter, model: DigitModel) -> list[list[Judged]]:
    """Judge the digits of each island, once for each plausible number of them; the likeliest number is first."""
    flat = [center for island in found for center in island.candidates[0].centers]
    places: list[Place] = []
    lengths: list[list[tuple[list[Candidate], slice]]] = []
    first = 0
    for island in found:
        last = first + len(island.candidates[0].centers)
        lengths.append([])
        for candidates in _by_length(island):
            centers = candidates[0].centers
            row = (flat[first - 1] if first else None, *centers, flat[last] if last < len(flat) else None)
            begin = len(places)
            places += [Place(*three) for three in zip(row[:-2], centers, row[2:], strict=True)]
            lengths[-1].append((candidates, slice(begin, len(places))))
        first = last
    pieces = cutter.cut(places)
    alone = [Alone(*pair) for pair in zip(pieces, predict(pieces, model), strict=True)]
    return [[Judged(candidates, alone[part]) for candidates, part in each] for each in lengths]


def predict(pieces: Sequence[Piece], model: DigitModel) -> list[Prediction]:
    """Read digits that were cut out, each alone; one without ink is `blank`."""
    canonical: list[Digit | None] = []
    for piece in pieces:
        try:
            canonical.append(canonicalize(np.pad(piece.ink, PAPER), whole=True))
        except BlankDrawing:
            canonical.append(None)
    predictions = iter(model.classify([digit for digit in canonical if digit is not None]))
    blank = Prediction(None, [1 / DIGITS] * DIGITS, 0.0, "blank")
    return [blank if digit is None else next(predictions) for digit in canonical]


def _by_length(island: Island) -> list[list[Candidate]]:
    """Gather the strings of each length that is plausible, likeliest first."""
    least = island.candidates[0].log_probability - PLAUSIBLE
    lengths: dict[int, list[Candidate]] = {}
    for candidate in island.candidates:
        known = lengths.get(len(candidate.digits))
        if known is not None:
            known.append(candidate)
        elif candidate.log_probability >= least:
            lengths[len(candidate.digits)] = [candidate]
    return list(lengths.values())
