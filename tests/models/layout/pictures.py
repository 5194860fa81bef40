"""Made-up pictures of numbers, and where their digits are."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from models.layout.page import Page, picture_box

Boxes = list[tuple[float, float, float, float]]
HIGH = 40
"""Pixels of a digit."""


@dataclass
class Writing:
    """Ink on paper, and the boxes of its digits by line."""

    width: int
    height: int
    lines: list[Boxes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ink = np.zeros((self.height, self.width), np.uint8)

    def write(self, text: str, x: float, y: float, high: int = HIGH, thick: int = 4, gap: float = 0.25) -> Boxes:
        """Write a line whose digits begin at (x, y); a blank is as wide as a digit."""
        boxes: Boxes = []
        for letter in text:
            if letter == " ":
                x += 0.8 * high
                continue
            glyph = np.zeros((3 * high, 3 * high), np.uint8)
            cv2.putText(glyph, letter, (high, 2 * high), cv2.FONT_HERSHEY_SIMPLEX, high / 22, 255, thick, cv2.LINE_AA)
            left, top, width, height = cv2.boundingRect(glyph)
            row = round(y + (high - height) / 2) if letter.isdecimal() else round(y + top - high)
            part = self.ink[row : row + height, round(x) : round(x) + width]
            np.maximum(part, glyph[top : top + height, left : left + width], out=part)
            if letter.isdecimal():
                boxes.append((round(x), row, width, height))
            x += width + gap * high
        self.lines.append(boxes)
        return boxes


def photo(ink: NDArray[np.uint8], seed: int = 0, paper: float = 200, dark: float = 0.7) -> NDArray[np.uint8]:
    """Show ink on grey paper in uneven light, with grain; returns (h, w) grey levels."""
    generator = np.random.default_rng(seed)
    height, width = ink.shape
    light = cv2.resize(generator.uniform(0.75, 1.05, (2, 3)).astype(np.float32), (width, height))
    grey = paper * light * (1 - ink / 255 * dark) + generator.normal(0, 4, ink.shape)
    return np.clip(cv2.GaussianBlur(grey, (0, 0), 0.7), 0, 255).astype(np.uint8)


def turned(picture: NDArray[np.uint8], lines: list[Boxes], degrees: float) -> tuple[NDArray[np.uint8], list[Boxes]]:
    """Turn a picture about its middle, counter-clockwise, and the boxes with it."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    seen = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    moved = []
    for boxes in lines:
        centers = np.array([(x + w / 2, y + h / 2, 1) for x, y, w, h in boxes]) @ matrix.T
        moved.append([(cx - w / 2, cy - h / 2, w, h) for (cx, cy), (_, _, w, h) in zip(centers, boxes, strict=True)])
    return seen, moved


def assert_lines(page: Page, lines: list[Boxes]) -> None:
    """Check that the page has these lines, in this order, each with all its digits and no other's."""
    found = [picture_box(line.box, line.to_picture) for line in page.lines if line]
    assert len(found) == len(lines)
    for at, boxes in enumerate(lines):
        for box in boxes:
            shares = [_covered(box, line) for line in found]
            assert shares[at] >= 0.8, f"line {at} lacks a digit at {box}: {found}"
            assert max(shares[:at] + shares[at + 1 :], default=0) < 0.6, f"a digit of line {at} is in another: {found}"


def _covered(box: tuple[float, float, float, float], line: tuple[int, int, int, int]) -> float:
    x, y, width, height = box
    across = min(x + width, line[0] + line[2] + 2) - max(x, line[0] - 2)
    down = min(y + height, line[1] + line[3] + 2) - max(y, line[1] - 2)
    return max(across, 0) * max(down, 0) / (width * height)
