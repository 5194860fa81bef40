"""Gather who writes numbers: people by their strokes and pictures, MNIST's digits, machines.

Strokes are drawn by their writer's own pen, MNIST's digits (whose writers are not named) are chosen of like thickness,
machines print.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import matplotlib
import numpy as np

from model_training.data import number_signs
from model_training.data.dataset import Split
from model_training.data.number_archives import WrittenNumber
from model_training.data.number_hands import PictureWriter, StrokeWriter
from model_training.data.number_machines import Machine, Odometer
from model_training.data.number_signs import Bitmap, Strokes
from model_training.data.sample import Sample
from models.preprocessing.polarity import find_ink

FONTS = ("DejaVuSans*", "DejaVuSerif*", "STIXGeneral*", "cmr10*", "cmb10*", "cmss10*", "cmtt10*", "cmti10*")
"""Of matplotlib; those whose names end in NO_DIGITS have none."""
NO_DIGITS = "Display"


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
    fonts, displays, odometers = machines(generator, anybody)
    return Writers(
        stroke_writers(samples),
        _picture_writers(samples, anybody),
        PictureWriter(digits, anybody),
        fonts,
        displays,
        odometers,
        [_whole(number) for number in numbers if number.strokes],
    )


def machines(
    generator: np.random.Generator, letters: StrokeWriter | None = None
) -> tuple[list[Machine], list[Machine], list[Odometer]]:
    """Return typefaces, displays and odometers.

    Args:
        generator: of their thickness.
        letters: writes the signs between their digits; None for scribbles.
    """
    letters = letters or StrokeWriter({}, {})
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    paths = sorted(path for font in FONTS for path in folder.glob(f"{font}.ttf") if not path.stem.endswith(NO_DIGITS))
    typefaces = [number_signs.typeset(str(path)) for path in paths]
    typefaces += [number_signs.hershey(generator) for _ in range(20)]
    displays = [number_signs.seven_segment(generator) for _ in range(24)]
    displays += [number_signs.dot_matrix(generator) for _ in range(8)]
    return (
        [Machine(face, letters) for face in typefaces],
        [Machine(face, letters) for face in displays],
        [Odometer(face, letters) for face in typefaces],
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
    return [writer for writer in writers if writer.has_all_digits]


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
