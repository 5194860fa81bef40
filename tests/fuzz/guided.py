"""Fuzz the reading of images in this process, guided by coverage.

    python -m tests.fuzz.guided --minutes 30

Inputs that reach a new branch are kept in `.fuzz/corpus`, where the next run continues. An input that breaks the service
ends the run and is kept in `.fuzz/findings`.
"""

from __future__ import annotations

import argparse
import contextlib
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
"""CPU time of one input; ten times what the service may take, since every branch is traced."""
HANGS = 120
"""Seconds after which an input counts as a hang, even on a busy machine."""
MEGABYTES = 768
"""Memory limit of the process: 400 for itself, and three images of 100."""
LONGEST = 1 << 16
"""Bytes of an input at most."""

# atheris 3.0 never frees arrays whose comparisons it traces, so in models it traces only branches
with HookManager({"models"}, set(), True, trace_dataflow=False):
    for module in pkgutil.walk_packages([str(HERE.parents[1] / "models")], "models."):
        with contextlib.suppress(ModuleNotFoundError):  # of PostgreSQL's driver, which serving alone does not need
            importlib.import_module(module.name)
with atheris.instrument_imports(include=["service", "PIL", "multipart"]):
    from tests.fuzz import fuzz_target, mutation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5, help="duration of the run (%(default)s)")
    minutes = parser.parse_args().minutes
    folders = [KEPT / "corpus", KEPT / "findings"]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # the service ignores them as well
    cv2.setNumThreads(1)  # as the service does
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
        custom_mutator=_mutate,
    )
    atheris.Fuzz()


def _read(data: bytes) -> None:
    began = time.process_time()
    fuzz_target.read(data)
    assert time.process_time() - began < SECONDS


def _mutate(data: bytes, most: int, seed: int) -> bytes:
    return mutation.mutate(data, most, Random(seed), atheris.Mutate)


main()
