"""Write the files of a reader of lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.number_set import Batch
from model_training.export import litert
from models.inference.contract import Contract
from models.inference.rejection import DIGITS, Rejection
from models.inference.standardization import Standardization
from models.numbers.strips import HEIGHT, Strip
from models.registry import artifact
from models.registry.contract import CONTRACT_FILE, ENGINE_FILES, READER

CALIBRATION_WIDTH = 256
"""Pixels of the strips that set the range of each activation; they have to be of one size."""
UNUSED = {"score": "energy", "center": 0.0, "scale": 1.0, "min_digit_score": 0.0}
"""Of the contract's rejection a reader has the margin alone: whether it is a digit, the other network says."""


def save(
    directory: Path,
    network: keras.Sequential,
    standardization: Standardization,
    batches: Sequence[Batch],
) -> None:
    """Write an artifact, whole or not at all; until `set_margin` it accepts no number.

    Args:
        directory: must not exist.
        network: standardized strips in, logits out.
        standardization: built into every file.
        batches: training strips; a sample of them sets the ranges of the int8 file.
    """

    def write_files(staging: Path) -> None:
        with_preprocessing(network, standardization).save(staging / "network.keras")
        (staging / ENGINE_FILES["float32"]).write_bytes(litert.convert(network, standardization))
        strips = calibration_strips(batches)
        (staging / ENGINE_FILES["int8"]).write_bytes(litert.convert_to_int8(network, standardization, strips))

    rejection = Rejection(**UNUSED, min_margin=1.0)
    contract = Contract(READER, tuple(range(DIGITS)), standardization, temperature=1.0, rejection=rejection)
    artifact.save(directory, contract, write_files)


def set_lag(directory: Path, lag: float) -> None:
    """Write into an artifact's contract how far from a digit's middle its network tells it.

    Args:
        directory: of an artifact.
        lag: pixels of a strip; above 0 where digits are told to the left of their middles.
    """
    document = json.loads((directory / CONTRACT_FILE).read_bytes())
    _write(directory, document | {"lag": lag})


def set_margin(directory: Path, min_margin: float) -> None:
    """Write into an artifact's contract how sure a number must be to be accepted.

    Args:
        directory: of an artifact.
        min_margin: below this difference of the probabilities of a reading and of all others a number is ambiguous.
    """
    document = json.loads((directory / CONTRACT_FILE).read_bytes())
    _write(directory, document | {"rejection": document["rejection"] | {"min_margin": min_margin}})


def _write(directory: Path, document: dict[str, Any]) -> None:
    (directory / CONTRACT_FILE).write_text(json.dumps(document, indent=2) + "\n")


def with_preprocessing(network: keras.Sequential, standardization: Standardization) -> keras.Sequential:
    """Build the Keras model of the artifact, without optimizer state: (n, HEIGHT, w) uint8 in, logits out."""
    scaled = keras.layers.Rescaling(1 / standardization.std, -standardization.mean / standardization.std)
    return keras.Sequential(
        [keras.Input((HEIGHT, None), dtype="uint8", name="strip"), scaled, *network.layers], name=READER
    )


def calibration_strips(batches: Sequence[Batch]) -> NDArray[np.uint8]:
    """Lay strips one after another, and cut the long one into (n, HEIGHT, CALIBRATION_WIDTH)."""
    inked: list[Strip] = [strip[:, : _end(strip)] for batch in batches for strip in batch.strips]
    whole = np.concatenate(inked, axis=1)
    count = max(whole.shape[1] // CALIBRATION_WIDTH, 1)
    whole = np.resize(whole.T, (count * CALIBRATION_WIDTH, HEIGHT)).reshape(count, CALIBRATION_WIDTH, HEIGHT)
    return np.ascontiguousarray(whole.transpose(0, 2, 1))


def _end(strip: Strip) -> int:
    inked = np.flatnonzero(strip.any(axis=0))
    return int(inked[-1]) + 8 if inked.size else 8
