"""A peer's own virtual environment, made once from its hashed requirements."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.contestant import ROOT, Contestant

HOME = ROOT / ".bench"
"""Git-ignored: environments, and the servers' logs."""
INSTALL_SECONDS = 1200
VERSIONS = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"


class SetUpFailed(Exception):
    """A peer's environment could not be made."""


def executables(contestant: Contestant) -> Path:
    """The folder that holds its python: a peer has its own, the service and its floor share this process's."""
    return HOME / contestant.name / "bin" if contestant.role == "peer" else Path(sys.executable).parent


def prepare(contestant: Contestant) -> None:
    """Make a peer's environment, unless it is there and up to date.

    Raises:
        SetUpFailed: in one line.
    """
    if contestant.role != "peer":
        return
    home = HOME / contestant.name
    requirements = contestant.folder / "requirements.txt"
    stamp = home / "installed"
    wanted = f"{sys.version} {hashlib.sha256(requirements.read_bytes()).hexdigest()}"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"Installing {contestant.title} into {home.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(home)])
        _run(
            [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--require-hashes", "-r", str(requirements)]
        )  # fmt: skip
        stamp.write_text(wanted)


def versions(contestant: Contestant) -> dict[str, str]:
    """Library -> version, as installed for the contestant."""
    command = [str(executables(contestant) / "python"), "-c", VERSIONS, *contestant.libraries]
    installed: dict[str, str] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return installed


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=INSTALL_SECONDS)
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.startswith("ERROR")] or error.stderr.splitlines()
        raise SetUpFailed(lines[-1].strip() if lines else str(error)) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetUpFailed(str(error)) from error
