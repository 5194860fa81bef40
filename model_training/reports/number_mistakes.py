"""Lay out numbers that were misread, each strip with what it says and what was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.numbers.strips import HEIGHT, Strip

SCALE = 2
CAPTION, GAP = 18, 6
"""Pixels below each strip."""
WIDTH = 400
"""Pixels of a column; longer strips are cut off."""
ACROSS = 4
PAPER = 255


class Mistake(NamedTuple):
    """A strip that was misread."""

    strip: Strip
    kind: str
    truth: str
    answer: str


def draw(mistakes: Sequence[Mistake]) -> NDArray[np.uint8]:
    """Lay out mistakes in rows of ACROSS; returns (h, w) uint8 grey levels, white where there are none."""
    cells = [_cell(mistake) for mistake in mistakes]
    blank = np.full((SCALE * HEIGHT + CAPTION + GAP, WIDTH), PAPER, np.uint8)
    cells += [blank] * (-len(cells) % ACROSS or ACROSS * (not cells))
    return np.vstack([np.hstack(cells[start : start + ACROSS]) for start in range(0, len(cells), ACROSS)])


def _cell(mistake: Mistake) -> NDArray[np.uint8]:
    cell = np.full((SCALE * HEIGHT + CAPTION + GAP, WIDTH), PAPER, np.uint8)
    shown = cv2.resize(mistake.strip, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_NEAREST)[:, : WIDTH - GAP]
    cell[: len(shown), : shown.shape[1]] = PAPER - shown
    text = f"{mistake.truth} read as {mistake.answer or 'nothing'} ({mistake.kind})"
    cv2.putText(cell, text, (2, len(shown) + 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1, cv2.LINE_AA)
    return cell
