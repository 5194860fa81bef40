"""Ask each reader for the same pictures: the service over HTTP, its reader in a process, PP-OCR, Tesseract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from model_training.evaluation.number_pages import NumberPage
from models.errors import DigitsError
from models.registry.store import ARTIFACTS
from tests import serving
from tests.benchmarks import environment
from tests.benchmarks.contestant import PEERS, ROOT
from tests.benchmarks.numbers import pictures, tesseract

RAPIDOCR = PEERS / "rapidocr"
LIBRARIES = ("rapidocr", "onnxruntime", "opencv-python-headless")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")
SECONDS = 900
"""That a reader may take for all pictures."""

Answers = list[list[dict[str, Any]]]
"""For each picture what each way answers: {"way", "text", "ms"}."""


class ReaderFailed(DigitsError):
    """A reader ended with an error."""


@dataclass
class Asked:
    """One reader's answers.

    Attributes:
        title: in the table.
        versions: of what it runs with.
        answers: for each picture.
        costs: of the reader in this process: what -> how much of it -> ms.
    """

    title: str
    versions: dict[str, str]
    answers: Answers
    costs: dict[str, dict[str, float]] = field(default_factory=dict)


def over_http(pages: Sequence[NumberPage], store: Path, folder: Path, core: int) -> Asked:
    """Ask a service with one worker over POST /read, one picture after the other."""
    answers: Answers = []
    settings = {"DIGITS_MODELS": str(ARTIFACTS / "digits"), "DIGITS_NUMBERS": str(store)}
    with serving.service(**settings) as (url, _), requests.Session() as session:
        session.post(f"{url}/read", data=pages[0].encoded, headers=_headers(pages[0]))
        for page in pages:
            query = {"grid": f"{page.grid[0]}x{page.grid[1]}"} if page.grid else {}
            began = time.perf_counter()
            response = session.post(f"{url}/read", data=page.encoded, params=query, headers=_headers(page))
            milliseconds = (time.perf_counter() - began) * 1000
            if response.status_code != 200:
                raise ReaderFailed(f"the service answered {response.status_code}: {response.text[:200]}")
            said = response.json()
            text = said["number"]
            if page.grid:
                text = "".join("-" if digit is None else str(digit) for row in said["grid"] for digit in row)
            answers.append([{"way": "POST /read", "text": text, "ms": milliseconds, "accepted": said["accepted"]}])
    return Asked("this service, POST /read", {}, answers)


def in_process(pages: Sequence[NumberPage], store: Path, folder: Path, core: int) -> Asked:
    """Ask its layout and reader, in a process on one core."""
    said = _run([sys.executable, "-m", "tests.benchmarks.numbers.ours", str(store), str(folder)], core)
    return Asked("this service, one core", {}, said["pages"], said["costs"])


def rapidocr(pages: Sequence[NumberPage], store: Path, folder: Path, core: int) -> Asked:
    """Ask PP-OCRv6 small in an environment of its own, on one core."""
    home = environment.HOME / RAPIDOCR.name
    environment.install("RapidOCR", RAPIDOCR / "requirements.txt", home)
    python = str(home / "bin" / "python")
    said = _run([python, str(RAPIDOCR / "ask.py"), str(folder)], core)
    listed = subprocess.run([python, "-c", environment.VERSIONS, *LIBRARIES], capture_output=True, check=True)
    return Asked("PP-OCRv6 small (rapidocr), one core", json.loads(listed.stdout), said)


def ask_tesseract(pages: Sequence[NumberPage], store: Path, folder: Path, core: int) -> Asked:
    """Ask Tesseract on one core."""
    versions = {"tesseract": tesseract.version()}
    return Asked("Tesseract, one core", versions, tesseract.ask(pages, folder / "tesseract", core))


READERS: dict[str, Callable[[Sequence[NumberPage], Path, Path, int], Asked]] = {
    "http": over_http, "reader": in_process, "rapidocr": rapidocr, "tesseract": ask_tesseract,
}  # fmt: skip


def _headers(page: NumberPage) -> dict[str, str]:
    return {"Content-Type": "image/png" if pictures.is_png(page) else "image/jpeg"}


def _run(command: list[str], core: int) -> Any:
    try:
        done = subprocess.run(
            ["taskset", "-c", str(core), *command], cwd=ROOT, env=os.environ | ONE_THREAD,
            capture_output=True, text=True, check=True, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise ReaderFailed(f"{command[1]}: {error.stderr.strip().splitlines()[-1]}") from error
    return json.loads(done.stdout)
