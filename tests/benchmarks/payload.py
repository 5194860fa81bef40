"""What the servers are sent: many different PNG files of three kinds."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.browser import digits

IMAGES = Path(__file__).parent / "images"
SHEET_SIDE = 16  # digits
DRAWINGS = 64
CANVAS = 280  # pixels
INK_SIDE, MARGIN = 80, 4  # pixels of a cropped drawing
SUBPIXELS = 4  # bits of a coordinate's fraction, for OpenCV
CHUNK_BYTES = 4096
UP_FILTER = 2


@dataclass(frozen=True)
class Payload:
    name: str  # in JSON
    title: str  # in tables
    make: Callable[[], list[bytes]]  # PNG files
    digit: int  # shown by the first of them
    concurrency: tuple[int, ...]  # connections of each load

    @functools.cached_property
    def pngs(self) -> list[bytes]:
        """All different; the first shows `digit`."""
        return self.make()

    @property
    def png(self) -> bytes:
        """The first of them."""
        return self.pngs[0]


def mnist_pixels() -> NDArray[np.uint8]:
    """Cut the first 256 images of MNIST's test set, (256, 28, 28) uint8, out of the sheet in images/."""
    sheet = np.asarray(Image.open(IMAGES / "mnist.png")).reshape(SHEET_SIDE, 28, SHEET_SIDE, 28)
    return sheet.swapaxes(1, 2).reshape(-1, 28, 28)


def mnist_pngs() -> list[bytes]:
    """Encode those images: 28x28, light on dark."""
    return [_mnist_png(digit) for digit in mnist_pixels()]


def drawing_pngs() -> list[bytes]:
    """Draw HTML canvases as Chromium's `toDataURL` encodes them: 280x280 RGBA, dark on white.

    The first was drawn in Chromium. The others are the digits of the browser tests, with the slant, size, place and
    pen of as many writers.
    """
    random = np.random.default_rng(0)
    drawn = (_strokes(place % 10, random) for place in range(1, DRAWINGS))
    return [(IMAGES / "drawing.png").read_bytes(), *(_canvas_png(strokes, pen, 0, CANVAS) for strokes, pen in drawn)]


def cropped_pngs() -> list[bytes]:
    """Draw such digits as the page sends them: cropped to the ink, whose longer side is 80 pixels."""
    random = np.random.default_rng(0)
    pngs = []
    for place in range(DRAWINGS):
        strokes, pen = _strokes((place + 3) % 10, random)
        ink = np.concatenate(strokes)
        corner = ink.min(axis=0) - pen / 2
        scale = INK_SIDE / float((ink.max(axis=0) - corner + pen / 2).max())
        pngs.append(_canvas_png([points - corner + MARGIN / scale for points in strokes], pen, MARGIN, scale))
    return pngs


def _mnist_png(digit: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(digit).save(file, "PNG")
    return file.getvalue()


def _strokes(digit: int, random: np.random.Generator) -> tuple[list[NDArray[np.float64]], float]:
    """Write a digit: (n, 2) points for each stroke and the pen's width, in sides of the canvas."""
    slant, size, pen = random.uniform(-0.25, 0.25), random.uniform(0.75, 1.05), random.uniform(0.05, 0.08)
    shift = random.uniform(-0.05, 0.05, 2)
    transform = np.array([[size, 0.0], [-slant * size, size]])
    return [(np.array(stroke) - 0.5) @ transform + 0.5 + shift for stroke in digits.strokes(digit)], pen


def _canvas_png(strokes: list[NDArray[np.float64]], pen: float, margin: int, scale: float) -> bytes:
    """Draw strokes and encode them like Chromium: RGBA, rows filtered by `Up`, the fastest compression, 4 kB chunks.

    Args:
        margin: pixels around the ink; 0: the whole canvas.
        scale: pixels of the canvas's side.
    """
    size = np.concatenate(strokes).max(axis=0) * scale + pen * scale / 2 + margin if margin else [CANVAS, CANVAS]
    width, height = np.ceil(size).astype(int)
    grey = np.full((height, width), 255, np.uint8)
    for points in strokes:
        fixed = np.rint(points * scale * 2**SUBPIXELS).astype(np.int32)
        cv2.polylines(grey, [fixed], False, 0, round(pen * scale), cv2.LINE_AA, SUBPIXELS)
    rows = np.dstack([grey, grey, grey, np.full_like(grey, 255)]).reshape(height, -1)
    up = np.diff(rows, axis=0, prepend=np.zeros((1, rows.shape[1]), np.uint8))
    filtered = np.hstack([np.full((height, 1), UP_FILTER, np.uint8), up])
    data = zlib.compress(filtered.tobytes(), 1)
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [data[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES)]
    parts = [(b"IHDR", head), *((b"IDAT", chunk) for chunk in chunks), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


PAYLOADS = (
    Payload("mnist", "MNIST digit, 28x28 PNG", mnist_pngs, digit=7, concurrency=(1, 16, 64)),
    Payload("drawing", "drawing, 280x280 PNG", drawing_pngs, digit=3, concurrency=(16, 64)),
    Payload("cropped", "drawing as the page sends it", cropped_pngs, digit=3, concurrency=(16, 64)),
)
MNIST, DRAWING, CROPPED = PAYLOADS
