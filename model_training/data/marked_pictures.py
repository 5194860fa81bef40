"""Compose pictures of a digit with a mark, as people send them: of any size, contrast and polarity."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data import marks
from model_training.data.marks import Ink, Mark, Written

Grey = NDArray[np.uint8]
BLURRED, NOISY = 0.3, 0.2
"""Shares."""
SCREENSHOTS = 0.4
"""Share that is black on white or white on black."""
LIGHT_ON_DARK = 0.4
SIDES = (28, 240)
"""Pixels of a picture's longer side."""


@dataclass(frozen=True)
class Kind:
    """A kind of mark.

    Attributes:
        mark: draws it; None for frames and paper, which are of the picture and not on the page.
        only: the one digit that it belongs to; None for all.
    """

    name: str
    mark: Mark | None = None
    only: int | None = None

    @property
    def likely(self) -> float:
        return 1.0 if self.only is None else 0.5


RING, FRAME, PAPER = Kind("ring", marks.ring), Kind("edge of a frame"), Kind("paper in a dark picture")
KINDS = (
    RING, Kind("underline", marks.underline), Kind("box", marks.box), Kind("brackets", marks.brackets),
    Kind("check mark", marks.check_mark), Kind("comma or full stop", marks.comma_or_stop),
    Kind("currency sign", marks.money), FRAME, PAPER,
    Kind("slashed 0", marks.slash, 0), Kind("dotted 0", marks.dot, 0), Kind("crossed 7", marks.cross, 7),
)  # fmt: skip


def compose(kind: Kind, written: Written, generator: np.random.Generator) -> Grey:
    """Compose a picture of a digit with a mark, of any size, contrast and polarity."""
    page = written.ink if kind.mark is None else np.maximum(written.ink, kind.mark(written, generator))
    reach = cv2.boundingRect(np.maximum(page, _box_of(written)))
    margin = generator.uniform(0.12, 0.5, 4) * written.height
    ink = _cut(page, reach, margin)
    side = int(np.exp(generator.uniform(*np.log(SIDES))))
    scale = side / max(ink.shape)
    size = max(round(ink.shape[1] * scale), 1), max(round(ink.shape[0] * scale), 1)
    if kind is FRAME and generator.random() < 0.5:
        size = 28, 28
        ink = _square(ink)
    ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    if kind is FRAME:
        ink = _framed(ink, generator)
    if generator.random() < BLURRED:
        ink = cv2.GaussianBlur(ink, (0, 0), generator.uniform(0.3, 0.012 * max(size) + 0.5))
    return _on_paper(ink, generator) if kind is PAPER else _in_grey(ink, generator)


def _box_of(written: Written) -> Ink:
    page = np.zeros_like(written.ink)
    page[written.top : written.top + written.height, written.left : written.left + written.width] = 255
    return page


def _cut(page: Ink, reach: tuple[int, int, int, int], margin: NDArray[np.float64]) -> Ink:
    left, top, width, height = reach
    before_x, before_y, after_x, after_y = np.round(margin).astype(int).tolist()
    padded = cv2.copyMakeBorder(page, before_y, after_y, before_x, after_x, cv2.BORDER_CONSTANT)
    return padded[top : top + before_y + height + after_y, left : left + before_x + width + after_x]


def _square(ink: Ink) -> Ink:
    more = max(ink.shape) - np.array(ink.shape)
    return cv2.copyMakeBorder(ink, more[0] // 2, more[0] - more[0] // 2, more[1] // 2, more[1] - more[1] // 2, 0)


def _framed(ink: Ink, generator: np.random.Generator) -> Ink:
    """Draw one straight edge of a frame along a side, or two that meet."""
    framed = ink.copy()
    thick = max(round(max(ink.shape) / 28 * generator.uniform(0.5, 1.5)), 1)
    off = int(generator.integers(0, thick + 1)) if generator.random() < 0.3 else 0
    first = int(generator.integers(4))
    for side in range(first, first + (1 if generator.random() < 0.75 else 2)):
        turned = np.rot90(framed, side % 4)
        turned[off : off + thick] = round(generator.uniform(150, 255))
    return framed


def _in_grey(ink: Ink, generator: np.random.Generator) -> Grey:
    """See ink as dark on light or light on dark, in any contrast."""
    paper, contrast = generator.uniform(170, 255), generator.uniform(0.5, 1.0)
    if generator.random() < SCREENSHOTS:
        paper, contrast = 255, 1.0
    grey = paper * (1 - contrast * ink / 255.0)
    if generator.random() < NOISY:
        grey += generator.normal(0, generator.uniform(1, 5), grey.shape)
    grey = np.clip(grey, 0, 255).astype(np.uint8)
    return 255 - grey if generator.random() < LIGHT_ON_DARK else grey


def _on_paper(ink: Ink, generator: np.random.Generator) -> Grey:
    """Lay the ink as a light sheet, turned a little, onto a dark ground."""
    u = generator.uniform
    height, width = ink.shape
    around = [round(u(0.08, 0.6) * max(ink.shape)) for _ in range(4)]
    ground, paper, dark = u(0, 70), u(170, 255), u(0, 70)
    sheet = np.full(ink.shape, paper, np.float32) - ink * ((paper - dark) / np.float32(255))
    turn = cv2.getRotationMatrix2D((around[0] + width / 2, around[1] + height / 2), u(-12, 12), 1)
    turn[:, 2] += turn[:, :2] @ (around[0], around[1])
    size = width + around[0] + around[2], height + around[1] + around[3]
    picture = cv2.warpAffine(sheet, turn, size, borderMode=cv2.BORDER_CONSTANT, borderValue=float(ground))
    picture += generator.normal(0, u(0, 4), picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)
