"""Read the locks that `make lock` and `make lock-peers` write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.serving import ROOT

LOCKS = [
    *sorted(ROOT.glob("requirements/*.txt")),
    *sorted(ROOT.glob("tests/*/requirements.txt")),
    *sorted(ROOT.glob("tests/benchmarks/peers/*/requirements.txt")),
]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+)(?: ; (.+?))? \\$\n((?:(?:    .*|\s*#.*)\n)*)", re.M)
"""Name, version, marker; then the indented hashes and annotations."""


@dataclass(frozen=True)
class Pin:
    """A package of a lock."""

    name: str
    version: str
    marker: str | None
    """The platforms that need it; None if all do."""
    hashes: tuple[str, ...]
    """SHA-256 of each file of the release."""
    required_by: tuple[str, ...]
    """Names of the packages that need it, or of the project."""


def read(lock: Path) -> list[Pin]:
    """Read the packages of a lock, in its order."""
    return [
        Pin(
            name,
            version,
            marker or None,
            tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", details)),
            tuple(re.findall(r"^    #(?: via|  ) ([a-z0-9][\w.-]*)", details, re.M)),
        )
        for name, version, marker, details in PIN.findall(lock.read_text())
    ]
