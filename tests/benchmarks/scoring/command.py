"""The command as a user runs it, timed from its start to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.payload import MNIST

ROOT = Path(__file__).parents[3]
MEASURED = """
import resource, subprocess, sys
ended = subprocess.run([sys.executable, "-m", "service.score", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(ended.returncode)
"""
"""Runs the command, and prints the KiB that the largest of its processes held."""


@dataclass(frozen=True)
class Run:
    """A run of the command."""

    seconds: float
    peak_mib: float  # of its largest process


def write_archive(path: Path, pictures: int) -> Path:
    """Write a zip of PNGs, 256 different ones in turn, and return its path."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(pictures):
            archive.writestr(f"{number // 1000:04}/{number:07}.png", MNIST.pngs[number % len(MNIST.pngs)])
    return path


def measure(archive: Path, processes: int) -> Run:
    """Read an archive into a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="digits-", dir=archive.parent) as scratch:
        words = [str(archive), "--out", f"{scratch}/out"]
        began = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, "-c", MEASURED, *words], cwd=ROOT, env=os.environ | {"WORKERS": str(processes)},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return Run(time.perf_counter() - began, int(ended.stdout) / 1024)
