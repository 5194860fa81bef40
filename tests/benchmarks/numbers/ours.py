"""Read pictures in this process: python -m tests.benchmarks.numbers.ours STORE FOLDER, with {"pages", "costs"} on stdout.

It is started on one core. Decoding is not counted, nor is it for the peers.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from model_training.data import number_writers
from model_training.evaluation import number_answers, number_pages
from models.layout import cells, lines
from models.layout.page import Picture
from models.numbers.reader import NumberReader
from models.registry import artifact
from models.registry import lines as line_models
from models.registry.store import ARTIFACTS, Store

DIGITS = (2, 5, 10, 20, 50, 100)
MEGAPIXELS = (0.1, 1, 4, 12)
LINE = 10
"""Digits of a line at most, in the pictures of so many digits."""
REPEATS = 7


def main(store: Path, folder: Path) -> dict[str, Any]:
    cv2.setNumThreads(1)
    reader = NumberReader(
        line_models.load(Store(store).resolve()), artifact.load(Store(ARTIFACTS / "digits").resolve())
    )
    pages = []
    for each in json.loads((folder / "truth.json").read_text()):
        picture = cv2.imread(str(folder / each["file"]), cv2.IMREAD_ANYCOLOR)
        picture = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        began = time.perf_counter()
        number = reader.read(cells.find_cells(picture, 9, 9) if each["outline"] else lines.find_lines(picture))
        milliseconds = (time.perf_counter() - began) * 1000
        pages.append([{"way": "in process", "text": number_answers.text(number), "ms": milliseconds}])
    return {"pages": pages, "costs": costs(reader)}


def costs(reader: NumberReader) -> dict[str, dict[str, float]]:
    """Time pictures of so many digits, ten a line, and one page of 30 digits at so many megapixels; median ms."""
    generator = np.random.default_rng(1)
    fonts, _, _ = number_writers.machines(generator)

    def page(digits: int) -> Picture:
        long = [min(LINE, digits - start) for start in range(0, digits, LINE)]
        return number_pages.compose("apart", long, fonts[0], np.random.default_rng(2)).picture

    def sized(megapixels: float) -> Picture:
        picture = page(30)
        scale = (megapixels * 1e6 / picture.size) ** 0.5
        return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)

    return {
        "digits": {str(many): milliseconds(reader, page(many)) for many in DIGITS},
        "megapixels": {str(size): milliseconds(reader, sized(size)) for size in MEGAPIXELS},
    }


def milliseconds(reader: NumberReader, picture: Picture) -> float:
    """Time layout and reading; the median of REPEATS."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        reader.read(lines.find_lines(picture))
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
