"""Ask PP-OCR for the digits of pictures, on one thread, in several ways: python ask.py FOLDER.

FOLDER/truth.json lists the pictures. Prints JSON: for each picture a list of {"way", "text", "ms"}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from rapidocr import RapidOCR

THREADS = {f"EngineConfig.onnxruntime.{pool}_op_num_threads": 1 for pool in ("intra", "inter")}
CELL = 48
BORDER = 5
"""Pixels that are cut off around a cell, since the grid's lines are there."""


def main(folder: Path) -> list[list[dict[str, object]]]:
    cv2.setNumThreads(1)
    engine = RapidOCR(
        params={"Global.log_level": "error", "Global.text_score": 0.0, "Global.use_cls": False, **THREADS}
    )
    answers = []
    for each in json.loads((folder / "truth.json").read_text()):
        picture = cv2.imread(str(folder / each["file"]))
        ways: dict[str, Callable[[], str]]
        if each["outline"]:
            ways = {
                "its cells": lambda p=picture, e=each: cells(engine, p, e["outline"]),
                "its cells on white": lambda p=picture, e=each: cells(engine, on_white(p), e["outline"]),
            }
        else:
            ways = {
                "found": lambda p=picture: found(engine, p),
                "found, on white": lambda p=picture: found(engine, on_white(p)),
            }
            if each["kind"] == "page":
                ways["found, doubled"] = lambda p=picture: found(engine, cv2.resize(p, None, fx=2, fy=2))
            else:
                ways |= {
                    "whole": lambda p=picture: line(engine, p),
                    "cut": lambda p=picture, e=each: line(engine, cut(p, e["box"], 0.1)),
                    "cut wide": lambda p=picture, e=each: line(engine, cut(p, e["box"], 0.3)),
                    "cut, on white": lambda p=picture, e=each: line(engine, on_white(cut(p, e["box"], 0.3))),
                }
        answers.append([timed(way, ask) for way, ask in ways.items()])
    return answers


def timed(way: str, ask: Callable[[], str]) -> dict[str, object]:
    began = time.perf_counter()
    text = ask()
    return {"way": way, "text": text, "ms": (time.perf_counter() - began) * 1000}


def line(engine: RapidOCR, picture: np.ndarray) -> str:
    """Recognize one line, without looking for it."""
    said = engine(picture, use_det=False, use_cls=False, use_rec=True)
    return "".join(said.txts or ())


def found(engine: RapidOCR, picture: np.ndarray) -> str:
    """Look for text and recognize it; its boxes are put into rows, since numbers of one line may be several boxes."""
    said = engine(picture, use_det=True, use_cls=False, use_rec=True)
    if said.txts is None or getattr(said, "boxes", None) is None:
        return ""
    boxes = [
        (box[:, 1].mean(), np.ptp(box[:, 1]), box[:, 0].min(), text)
        for box, text in zip(said.boxes, said.txts, strict=True)
    ]
    rows: list[list[tuple[float, float, float, str]]] = []
    for box in sorted(boxes):
        if rows and box[0] - rows[-1][-1][0] < 0.5 * min(box[1], rows[-1][-1][1]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return "\n".join("".join(text for *_, text in sorted(row, key=lambda box: box[2])) for row in rows)


def cells(engine: RapidOCR, picture: np.ndarray, outline: list[list[float]]) -> str:
    """Recognize each cell of a grid of nine by nine, whose corners are told; a line for each cell."""
    side = 9 * CELL
    corners = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    level = cv2.warpPerspective(
        picture, cv2.getPerspectiveTransform(np.array(outline, np.float32), corners), (side, side)
    )
    said = []
    for row in range(0, side, CELL):
        for column in range(0, side, CELL):
            cell = level[row + BORDER : row + CELL - BORDER, column + BORDER : column + CELL - BORDER]
            said.append(line(engine, cell))
    return "\n".join(said)


def cut(picture: np.ndarray, box: list[float] | None, paper: float) -> np.ndarray:
    """Cut a line out, with paper around it as a share of its height; where it is not known it is all."""
    if box is None:
        return picture
    x, y, width, height = box
    left, top = max(round(x - paper * height), 0), max(round(y - paper * height), 0)
    return picture[top : round(y + (1 + paper) * height), left : round(x + width + paper * height)]


def on_white(picture: np.ndarray) -> np.ndarray:
    """Turn light ink on dark around, and stretch paper to white."""
    if np.median(picture) < 110:
        picture = 255 - picture
    paper = max(float(np.percentile(picture, 60)), 1)
    return np.clip(picture * (255 / paper), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
