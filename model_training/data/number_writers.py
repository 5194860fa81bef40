"""Writers of numbers: each gives digits and signs in one hand, as small pictures that are composed to a line.

Strokes are drawn by their writer's own pen, MNIST's digits (whose writers are not named) are chosen of like thickness,
machines print.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray

from model_training.data import number_signs
from model_training.data.dataset import Split
from model_training.data.number_archives import WrittenNumber
from model_training.data.number_signs import TALL, Bitmap, Strokes
from model_training.data.sample import Sample
from models.preprocessing.polarity import find_ink

PEN = (0.035, 0.24)
"""Narrowest and widest pen, share of a digit's height."""
FONTS = ("DejaVuSans*", "DejaVuSerif*", "STIXGeneral*", "cmr10*", "cmb10*", "cmss10*", "cmtt10*", "cmti10*")
"""Of matplotlib; those whose names end in NO_DIGITS have none."""
NO_DIGITS = "Display"
CHANGE = 0.07
"""Standard deviation by which a digit is stretched, slanted and turned each time that it is drawn, as shares."""
SUBPIXEL_BITS = 4


class Glyph(NamedTuple):
    """A digit or sign."""

    bitmap: Bitmap
    """(h, w); a digit is about TALL high."""
    top: float
    """Rows from the middle of the line to the bitmap's first row; negative above it."""


class Hand(Protocol):
    """One writer with one pen."""

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        """Draw a digit, a sign or a letter."""


class Pen:
    """Draws strokes, whose unit is a digit's height, with one width."""

    def __init__(self, width: float) -> None:
        self.width = max(round(width * TALL), 1)

    def draw(self, strokes: Sequence[NDArray[np.float64]], scale: float = 1.0) -> Glyph:
        points = np.concatenate(strokes) * (scale * TALL)
        margin = self.width / 2 + 1
        left, top = points.min(axis=0) - margin
        wide, high = np.ceil(points.max(axis=0) + margin - (left, top)).astype(int) + 1
        pixels = np.round((points - (left, top)) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        bitmap = np.zeros((high, wide), np.uint8)
        ends = np.cumsum([len(stroke) for stroke in strokes])
        paths = [pixels[end - len(stroke) : end] for end, stroke in zip(ends, strokes, strict=True)]
        paths = [np.repeat(path, 2, axis=0) if len(path) == 1 else path for path in paths]
        cv2.polylines(bitmap, paths, False, 255, self.width, cv2.LINE_AA, SUBPIXEL_BITS)
        return Glyph(bitmap, top)


def random_pen(generator: np.random.Generator) -> Pen:
    """Choose a pen; narrow ones are as likely as wide ones by their ratio."""
    return Pen(float(np.exp(generator.uniform(*np.log(PEN)))))


class StrokeWriter:
    """A writer whose digits are kept as strokes; what they never wrote is borrowed from the same device."""

    def __init__(self, own: dict[str, list[Strokes]], borrowed: dict[str, list[Strokes]]) -> None:
        self._own, self._borrowed = own, borrowed

    def hand(self, generator: np.random.Generator) -> Hand:
        return _Strokes(self, random_pen(generator))

    def strokes(self, letter: str, generator: np.random.Generator) -> Strokes:
        found = self._own.get(letter) or self._borrowed.get(letter)
        return found[generator.integers(len(found))] if found else number_signs.sign(letter, generator)


class _Strokes:
    def __init__(self, writer: StrokeWriter, pen: Pen) -> None:
        self._writer, self._pen = writer, pen

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        strokes = self._writer.strokes(letter, generator)
        change = np.eye(2) + generator.normal(0, CHANGE, (2, 2))
        return self._pen.draw([stroke @ change for stroke in strokes])


class PictureWriter:
    """Digits as pictures, sorted by thickness, of which a hand takes neighbours; signs by a pen of that thickness."""

    def __init__(self, pictures: list[list[Bitmap]], letters: StrokeWriter) -> None:
        self._digits = [sorted(each, key=_thickness) for each in pictures]
        self._letters = letters

    def hand(self, generator: np.random.Generator) -> Hand:
        return _Pictures(self._digits, self._letters, generator.random())


class _Pictures:
    SPREAD = 0.06
    """Share of the digits, by thickness, that one hand takes."""

    def __init__(self, digits: list[list[Bitmap]], letters: StrokeWriter, place: float) -> None:
        self._digits, self._letters, self._place = digits, letters, place

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        if not letter.isdecimal():
            width = _thickness(self._digits[0][int(self._place * (len(self._digits[0]) - 1))]) / 20
            return Pen(width).draw(self._letters.strokes(letter, generator))
        pool = self._digits[int(letter)]
        at = self._place + generator.uniform(-self.SPREAD, self.SPREAD) / 2
        bitmap = pool[int(min(max(at, 0), 1) * (len(pool) - 1))]
        scale = 2 * generator.uniform(0.9, 1.1)
        bitmap = cv2.resize(bitmap, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        return Glyph(bitmap, -len(bitmap) / 2)


class Machine:
    """Digits that a machine prints or shows; each is the same wherever it stands."""

    def __init__(self, digits: list[Bitmap], letters: StrokeWriter) -> None:
        self._digits, self._letters = digits, letters

    def hand(self, generator: np.random.Generator) -> Hand:
        return self

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        if not letter.isdecimal():
            return Pen(0.12).draw(self._letters.strokes(letter, generator))
        bitmap = self._digits[int(letter)]
        return Glyph(bitmap, -len(bitmap) / 2)


class Odometer(Machine):
    """Wheels behind windows, of which some are turned, by a third of the way at most."""

    TURN = 0.33
    _ground, _seam, _edge = 0.0, 0, 0

    def hand(self, generator: np.random.Generator) -> Hand:
        """Return the wheels with the ground, the seams and the light of one photo."""
        wheels = Odometer(self._digits, self._letters)
        if generator.random() < 0.5:
            wheels._ground = generator.uniform(0, 90)
        if generator.random() < 0.5:
            wheels._seam, wheels._edge = int(generator.integers(1, 12)), int(generator.integers(0, 256))
        return wheels

    def glyph(self, letter: str, generator: np.random.Generator) -> Glyph:
        if not letter.isdecimal():
            return super().glyph(letter, generator)
        apart = round(TALL * 1.45)
        window = np.full((round(TALL * 1.3), TALL), int(self._ground), np.uint8)
        window[:, : self._seam] = window[:, len(window[0]) - self._seam :] = self._edge
        turned = generator.uniform(-self.TURN, self.TURN) if generator.random() < 0.35 else 0.0
        for step in (-1, 0, 1):
            digit = self._digits[(int(letter) + step) % 10]
            top = round(len(window) / 2 - len(digit) / 2 + (turned + step) * apart)
            left = max((TALL - digit.shape[1]) // 2, 0)
            first, last = max(top, 0), min(top + len(digit), len(window))
            if first < last:
                part = digit[first - top : last - top, :TALL]
                shown = window[first:last, left : left + part.shape[1]]
                np.maximum(shown, part, out=shown)
        return Glyph(window, -len(window) / 2)


class Written(NamedTuple):
    """A number that somebody wrote as a whole."""

    text: str
    strokes: Strokes
    """A digit is about 1 high."""


class Writers(NamedTuple):
    """Everybody who writes, by kind."""

    strokes: list[StrokeWriter]
    pictures: list[PictureWriter]
    mnist: PictureWriter
    fonts: list[Machine]
    displays: list[Machine]
    odometers: list[Odometer]
    whole: list[Written]


def gather(
    train: Split, samples: list[Sample], numbers: list[WrittenNumber], generator: np.random.Generator
) -> Writers:
    """Gather the writers of MNIST's split, of the samples and of whole numbers, and machines.

    Args:
        train: MNIST, of one part.
        samples: other handwriting, of the writers of one part.
        numbers: by writers of one part.
        generator: of the machines' thickness.
    """
    letters = _letters(samples)
    anybody = StrokeWriter({}, letters)
    digits = [[number_signs.cropped(image) for image in train.digits[train.labels == digit]] for digit in range(10)]
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    fonts = sorted(path for font in FONTS for path in folder.glob(f"{font}.ttf") if not path.stem.endswith(NO_DIGITS))
    typefaces = [number_signs.typeset(str(path)) for path in fonts]
    typefaces += [number_signs.hershey(generator) for _ in range(20)]
    displays = [number_signs.seven_segment(generator) for _ in range(24)]
    displays += [number_signs.dot_matrix(generator) for _ in range(8)]
    return Writers(
        stroke_writers(samples),
        _picture_writers(samples, anybody),
        PictureWriter(digits, anybody),
        [Machine(face, anybody) for face in typefaces],
        [Machine(face, anybody) for face in displays],
        [Odometer(face, anybody) for face in typefaces],
        [_whole(number) for number in numbers if number.strokes],
    )


def _whole(number: WrittenNumber) -> Written:
    points = np.concatenate(number.strokes)
    height = max(float(np.ptp(points[:, 1])), 1e-9)
    return Written(number.text, [(stroke - points.min(axis=0)) / height for stroke in number.strokes])


def _letters(samples: list[Sample]) -> dict[str, list[Strokes]]:
    letters: dict[str, list[Strokes]] = {}
    for sample in samples:
        if sample.non_digit and sample.strokes:
            letters.setdefault(sample.label, []).append(_scaled(sample, _height(sample)))
    return letters


def stroke_writers(samples: list[Sample]) -> list[StrokeWriter]:
    """Return everybody whose digits are kept as strokes; who wrote much is there several times."""
    letters = _letters(samples)
    by_writer: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.digit is not None and sample.strokes:
            by_writer.setdefault(sample.writer, []).append(sample)
    shared: dict[str, dict[str, list[Strokes]]] = {}
    writers = []
    for written in by_writer.values():
        usual = float(np.median([_height(sample) for sample in written]))
        own: dict[str, list[Strokes]] = {}
        device = shared.setdefault(written[0].source, dict(letters))
        for sample in written:
            height = min(max(usual, 0.8 * _height(sample)), 1.35 * _height(sample))
            strokes = _scaled(sample, height)
            own.setdefault(sample.label, []).append(strokes)
            device.setdefault(sample.label, []).append(strokes)
        writers += [StrokeWriter(own, device)] * max(round(len(written) ** 0.5), 1)
    return [writer for writer in writers if all(writer._own.get(d) or writer._borrowed.get(d) for d in "0123456789")]


def _picture_writers(samples: list[Sample], letters: StrokeWriter) -> list[PictureWriter]:
    by_writer: dict[str, list[list[Bitmap]]] = {}
    for sample in samples:
        if sample.digit is not None and sample.grey is not None:
            ink = number_signs.cropped(_clean(find_ink(sample.grey)))
            if ink.size:
                scale = 20 / max(ink.shape)
                small = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                by_writer.setdefault(sample.writer, [[] for _ in range(10)])[sample.digit].append(small)
    return [PictureWriter(digits, letters) for digits in by_writer.values() if all(digits)]


def _clean(ink: Bitmap) -> Bitmap:
    """Keep what is darker than half-way between paper and ink, so that the ink's box is tight."""
    threshold, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    cleaned = cv2.subtract(ink, threshold * 0.5)
    return cv2.convertScaleAbs(cleaned, alpha=255 / max(float(cleaned.max()), 1))


def _height(sample: Sample) -> float:
    points = np.concatenate(sample.strokes)
    across, down = np.ptp(points, axis=0)
    return float(max(down, across / 2, 1e-9))


def _scaled(sample: Sample, height: float) -> Strokes:
    points = np.concatenate(sample.strokes)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    return [(stroke - middle) / height for stroke in sample.strokes]


def _thickness(bitmap: Bitmap) -> float:
    """Estimate the width of the pen from what an erosion takes, in pixels."""
    _, mask = cv2.threshold(cv2.copyMakeBorder(bitmap, 1, 1, 1, 1, cv2.BORDER_CONSTANT), 127, 255, cv2.THRESH_BINARY)
    area = cv2.countNonZero(mask)
    return 2 * area / max(area - cv2.countNonZero(cv2.erode(mask, np.ones((3, 3), np.uint8))), 1)
