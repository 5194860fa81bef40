"""Draw what people draw around, under and beside a digit; ink on 0."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

SIDE, HIGH, PEN = 200, 96, 7


def write(digit: np.ndarray, side: int = SIDE, high: int = HIGH) -> np.ndarray:
    """Draw an MNIST digit in the middle of an empty drawing."""
    left, top, width, height = cv2.boundingRect(digit)
    ink = digit[top : top + height, left : left + width]
    scale = high / max(width, height)
    ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    drawing = np.zeros((side, side), np.uint8)
    y, x = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    drawing[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
    return drawing


def _bow(drawing: np.ndarray, x: int, bend: int) -> None:
    middle = SIDE // 2
    points = [(x + bend * (1 - t * t), middle + 60 * t) for t in np.linspace(-1, 1, 15)]
    cv2.polylines(drawing, [np.round(points).astype(np.int32)], False, 255, PEN, cv2.LINE_AA)


def _ring(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    cv2.circle(drawing, (SIDE // 2, SIDE // 2), 82, 255, PEN, cv2.LINE_AA)


def _open_ring(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    cv2.ellipse(drawing, (SIDE // 2, SIDE // 2), (80, 76), 0, -70, 270, 255, PEN, cv2.LINE_AA)


def _square(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    cv2.rectangle(drawing, (32, 30), (168, 172), 255, PEN)


def _underline(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    y = box[1] + box[3] + 14
    cv2.line(drawing, (box[0] - 12, y + 2), (box[0] + box[2] + 12, y - 2), 255, PEN, cv2.LINE_AA)


def _two_underlines(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    _underline(drawing, box)
    _underline(drawing, (box[0], box[1] + 2 * PEN + 4, *box[2:]))


def _brackets(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    _bow(drawing, box[0] - 14, -14)
    _bow(drawing, box[0] + box[2] + 14, 14)


def _bracket_after(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    _bow(drawing, box[0] + box[2] + 14, 14)


def _square_brackets(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    for x, inwards in ((box[0] - 22, 16), (box[0] + box[2] + 22, -16)):
        points = np.array([(x + inwards, 40), (x, 40), (x, 160), (x + inwards, 160)])
        cv2.polylines(drawing, [points], False, 255, PEN)


def _full_stop(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    cv2.circle(drawing, (box[0] + box[2] + 14, box[1] + box[3] - 4), 5, 255, -1)


def _comma(drawing: np.ndarray, box: tuple[int, int, int, int]) -> None:
    x, y = box[0] + box[2] + 14, box[1] + box[3] - 6
    cv2.line(drawing, (x, y), (x - 5, y + 16), 255, PEN, cv2.LINE_AA)


MARKS: dict[str, Callable[[np.ndarray, tuple[int, int, int, int]], None]] = {
    "ring": _ring,
    "open ring": _open_ring,
    "box": _square,
    "underline": _underline,
    "two underlines": _two_underlines,
    "brackets": _brackets,
    "bracket after": _bracket_after,
    "square brackets": _square_brackets,
    "full stop": _full_stop,
    "comma": _comma,
}


def mark(drawing: np.ndarray, name: str) -> np.ndarray:
    """Draw a mark beside the digit of a drawing of SIDE pixels."""
    marked = drawing.copy()
    box = cv2.boundingRect((drawing > 60).astype(np.uint8))
    MARKS[name](marked, box)
    return marked
