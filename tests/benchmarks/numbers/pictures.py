"""Make the pictures of all kinds, the same for every reader, as files with their truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model_training.cli import number_evaluation
from model_training.evaluation.number_pages import NumberPage

SUDOKUS = 20
"""At most, since each has 81 cells."""
LEFT_OUT = "sudoku, printed"
"""Their corners are not known, which the peers must be told."""


def make(places: Sequence[Path], count: int) -> list[NumberPage]:
    """Compose `count` pictures of each kind, and choose as many real ones; always the same.

    Raises:
        DatasetError: the places hold no handwriting and no numbers.
    """
    kinds: dict[str, list[NumberPage]] = {}
    for page in number_evaluation.pages(places, count):
        kinds.setdefault(page.kind, []).append(page)
    kinds.pop(LEFT_OUT, None)
    chosen = []
    for pages in kinds.values():
        most = min(count, SUDOKUS if pages[0].grid else count, len(pages))
        chosen += [pages[at] for at in sorted(np.random.default_rng(0).permutation(len(pages))[:most])]
    return chosen


def save(pages: Sequence[NumberPage], folder: Path) -> None:
    """Write the pictures and `truth.json`, which has their kind, corners and the box of their ink."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = []
    for place, page in enumerate(pages):
        name = f"{place:04}.{'png' if is_png(page) else 'jpg'}"
        (folder / name).write_bytes(page.encoded)
        truth.append({"file": name, "kind": page.kind, "outline": list(page.outline), "box": _ink_box(page)})
    (folder / "truth.json").write_text(json.dumps(truth))


def is_png(page: NumberPage) -> bool:
    """Tell whether a picture is a PNG; the others are JPEGs."""
    return page.encoded.startswith(b"\x89PNG")


def _ink_box(page: NumberPage) -> list[float] | None:
    if not page.boxes:
        return None
    boxes: Any = np.array([box for _, box in page.boxes], float)
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    return [left, top, right - left, bottom - top]
