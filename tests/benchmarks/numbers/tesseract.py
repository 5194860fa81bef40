"""Ask Tesseract for the digits of pictures, one process for each kind and way, all pictures of a kind in its list."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from model_training.evaluation.number_pages import NumberPage
from models.errors import DigitsError

MODES = {"page": (6, 4), "sudoku": (10,)}
"""Page segmentation modes by kind: 6 a block, 4 a column, 10 a character."""
LINE_MODES = (7, 6)
"""Of the other kinds: 7 a line."""
HIGH = 60
"""Pixels of the digits that it is shown, which its documentation advises at least half of."""
CELL, BORDER = 48, 5
"""Pixels of a cell's side, and of what is cut off on each side, where its rules are."""
PAPER = 30
"""Pixels of paper around a number."""


class TesseractMissing(DigitsError):
    """It is not installed."""


def version() -> str:
    """Return its version.

    Raises:
        TesseractMissing: it is not installed.
    """
    if not shutil.which("tesseract"):
        raise TesseractMissing("tesseract is not installed; on Debian: apt-get install tesseract-ocr")
    said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    return (said.stdout or said.stderr).split()[1]


def ask(pages: Sequence[NumberPage], folder: Path, core: int) -> list[list[dict[str, object]]]:
    """Return for each page what each way answers, with the milliseconds of its kind's mean, start included."""
    answers: list[list[dict[str, object]]] = [[] for _ in pages]
    for kind in dict.fromkeys(page.kind for page in pages):
        chosen = [place for place, page in enumerate(pages) if page.kind == kind]
        for cleaned in (False, True):
            shown = [_shown(pages[place], cleaned) for place in chosen]
            files = [_write(picture, folder / f"{kind}-{at}.png") for at, picture in enumerate(itertools.chain(*shown))]
            for mode in MODES.get(kind, LINE_MODES):
                texts, milliseconds = _run(files, mode, folder, core)
                way = f"mode {mode}, on white" if cleaned else f"mode {mode}"
                for place, pictures in zip(chosen, shown, strict=True):
                    said, texts = texts[: len(pictures)], texts[len(pictures) :]
                    answers[place].append({"way": way, "text": "\n".join(said), "ms": milliseconds / len(chosen)})
    return answers


def _shown(page: NumberPage, cleaned: bool) -> list[np.ndarray]:
    """Return the pictures to show of a page: itself, or its 81 cells; with dark ink on white if `cleaned`."""
    picture = page.picture if page.picture.ndim == 2 else cv2.cvtColor(page.picture, cv2.COLOR_RGB2GRAY)
    if cleaned:
        picture = 255 - picture if np.median(picture) < 110 else picture
        picture = np.clip(picture * (255 / max(float(np.percentile(picture, 60)), 1)), 0, 255).astype(np.uint8)
    if page.outline:
        side = 9 * CELL
        corners = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
        matrix = cv2.getPerspectiveTransform(np.array(page.outline, np.float32), corners)
        level = cv2.warpPerspective(picture, matrix, (side, side))
        spaces = [slice(start + BORDER, start + CELL - BORDER) for start in range(0, side, CELL)]
        return [level[row, column] for row in spaces for column in spaces]
    if cleaned and page.boxes:
        scale = HIGH / float(np.median([box[3] for _, box in page.boxes]))
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        picture = np.pad(picture, PAPER, constant_values=255)
    return [picture]


def _write(picture: np.ndarray, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture)
    return path


def _run(files: Sequence[Path], mode: int, folder: Path, core: int) -> tuple[list[str], float]:
    """Read all files in one process; returns their texts, and the milliseconds of the whole."""
    listed = folder / "list.txt"
    listed.write_text("\n".join(map(str, files)) + "\n")
    began = time.perf_counter()
    said = subprocess.run(
        ["taskset", "-c", str(core), "tesseract", str(listed), "stdout", "--psm", str(mode), "--dpi", "150",
         "-c", "tessedit_char_whitelist=0123456789"],
        capture_output=True, text=True, check=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )  # fmt: skip
    texts = [re.sub(r"\s+", "", text) for text in said.stdout.split("\f")]
    return texts[: len(files)] + [""] * (len(files) - len(texts)), (time.perf_counter() - began) * 1000
