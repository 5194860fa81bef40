"""What loading any model from its artifact has in common: whatever goes wrong is an ArtifactError."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.errors import ArtifactCorrupt, ArtifactError
from models.inference.contract import Contract
from models.registry import contract as contracts
from models.registry.contract import CONTRACT_FILE

TOLERANCE = 1e-5
"""Relative difference of mean and std in `model.json` and in the network that float32 explains."""


def read_files(directory: Path, precision: str) -> tuple[Contract, dict[str, bytes]]:
    """Do as `contract.verify_and_read`; whatever else fails is an ArtifactCorrupt."""
    try:
        return contracts.verify_and_read(directory, precision)
    except ArtifactError:
        raise
    except Exception as error:
        raise ArtifactCorrupt(f"{directory}: cannot be read ({error!r}); restore its files") from error


@contextlib.contextmanager
def running(directory: Path) -> Iterator[None]:
    """Raise ArtifactCorrupt for whatever fails while the engine tries a network."""
    try:
        yield
    except ArtifactError:
        raise
    except Exception as error:
        raise ArtifactCorrupt(f"{directory}: the engine cannot run its network: {error!r}; retrain") from error


def check_standardization(directory: Path, contract: Contract, built_in: tuple[float, float]) -> None:
    """Check that a network has the mean and std of its contract built in.

    Raises:
        ArtifactCorrupt: it has others.
    """
    written, (mean, std) = contract.standardization, built_in
    if not np.allclose(built_in, (written.mean, written.std), rtol=TOLERANCE, atol=0):
        raise ArtifactCorrupt(
            f"{directory}: {CONTRACT_FILE} says mean {written.mean} and std {written.std}, "
            f"its network has {mean} and {std}; restore {CONTRACT_FILE}"
        )


def version(directory: Path) -> int:
    """Return the version that a directory of a store holds; 0 outside of one."""
    return int(directory.name) if directory.name.isdecimal() else 0
