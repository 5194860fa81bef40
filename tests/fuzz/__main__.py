"""Bytes made to reach every branch of reading images: `make fuzz ARGS="--minutes 30"`.

What reached a new branch is kept in `.fuzz/corpus`, and the next run goes on from there. What breaks the service ends the
run and is kept in `.fuzz/findings`.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import time
import warnings
from pathlib import Path
from random import Random

import atheris
import cv2
from atheris.import_hook import HookManager

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / ".fuzz"
SECONDS = 10
"""Of a processor that one input may take, ten times what the service may since every branch is followed."""
HANGS = 120
"""Seconds after which it will never end, however busy the machine."""
MEGABYTES = 768
"""That the process may hold: its own 400, and three images of 100."""
LONGEST = 1 << 16
"""Bytes of an input."""

# atheris 3.0 never gives back the arrays whose comparisons it follows: in models it follows branches alone
with HookManager({"models"}, set(), True, trace_dataflow=False):
    for module in pkgutil.walk_packages([str(HERE.parents[1] / "models")], "models."):
        importlib.import_module(f"models.{module.name}")
with atheris.instrument_imports(include=["service", "PIL", "multipart"]):
    from tests.fuzz import mutating, reading


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5, help="how long; %(default)s unless given")
    minutes = parser.parse_args().minutes
    folders = [KEPT / "corpus", KEPT / "findings"]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # the service goes on after them too
    cv2.setNumThreads(1)  # as it does
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={round(minutes * 60)}",
            f"-timeout={HANGS}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-max_len={LONGEST}",
            f"-dict={HERE / 'words.dict'}",
            f"-artifact_prefix={folders[1]}/",
            "-print_final_stats=1",
            str(folders[0]),
            str(HERE / "corpus"),
        ],
        _read,
        custom_mutator=_mutated,
    )
    atheris.Fuzz()


def _read(data: bytes) -> None:
    began = time.process_time()
    reading.read(data)
    assert time.process_time() - began < SECONDS


def _mutated(data: bytes, most: int, seed: int) -> bytes:
    return mutating.mutated(data, most, Random(seed), atheris.Mutate)


main()
