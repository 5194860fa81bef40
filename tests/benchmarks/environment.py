"""The peers' virtual environments and ONNX files, each made once in .bench/."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from models.registry.store import ARTIFACTS, Store
from tests.benchmarks.contestant import ROOT, Contestant

HOME = ROOT / ".bench"
"""Git-ignored: environments, ONNX files, and the servers' logs."""
SETUP_SECONDS = 1200
VERSIONS = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"


class SetUpFailed(Exception):
    """A peer's environment or network could not be made."""


def prepare(contestant: Contestant) -> None:
    """Make a peer's environment and ONNX files, unless they are there and up to date.

    Raises:
        SetUpFailed: with the last line of what failed.
    """
    if contestant.role != "peer":
        return
    install(contestant.title, contestant.folder / "requirements.txt", executables(contestant).parent)
    if not _onnx_folder(contestant.version).is_dir():
        _export(contestant.version)
    if not network(contestant).is_file():
        raise SetUpFailed(f"the export of version {contestant.version} has no {contestant.network}")


def install(title: str, requirements: Path, home: Path) -> None:
    """Make a virtual environment with what a lock file names, unless it is there and up to date.

    Raises:
        SetUpFailed: with the last line of what failed.
    """
    stamp = home / "installed"
    wanted = f"{sys.version} {hashlib.sha256(requirements.read_bytes()).hexdigest()}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"Installing {title} into {home.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(home)])
    _run(
        [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "-r", str(requirements)]
    )  # fmt: skip
    stamp.write_text(wanted)


def executables(contestant: Contestant) -> Path:
    """Find the folder that holds a contestant's python."""
    if contestant.role == "peer":
        return HOME / contestant.folder.name / "bin"
    own = contestant.checkout / ".venv" / "bin"
    return own if (own / "python").exists() else Path(sys.executable).parent


def network(contestant: Contestant) -> Path:
    """Find the file of the network that a peer loads."""
    folder = _onnx_folder(contestant.version) if contestant.network.endswith(".onnx") else artifact(contestant.version)
    return folder / contestant.network


def artifact(version: int) -> Path:
    """Find the folder of a committed version."""
    return Store(ARTIFACTS / "digits").resolve(version)


def versions(contestant: Contestant) -> dict[str, str]:
    """Read the versions of the libraries that a contestant runs with."""
    command = [str(executables(contestant) / "python"), "-c", VERSIONS, *contestant.libraries]
    installed: dict[str, str] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return installed


def _onnx_folder(version: int) -> Path:
    """Name the folder of a version's ONNX files after its weights, so that another training is exported anew."""
    weights = (artifact(version) / "network.keras").read_bytes()
    return HOME / "onnx" / f"{version}-{hashlib.sha256(weights).hexdigest()[:12]}"


def _export(version: int) -> None:
    folder = _onnx_folder(version)
    print(f"Exporting version {version} into {folder.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
    _run([sys.executable, "-m", "model_training", "export", str(version), "--to", str(folder)])


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=SETUP_SECONDS)
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.startswith("ERROR")] or error.stderr.splitlines()
        raise SetUpFailed(lines[-1].strip() if lines else str(error)) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetUpFailed(str(error)) from error
