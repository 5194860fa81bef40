"""The one seam to the inference engine: ONNX Runtime, float32, one thread."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ArtifactCorrupt
from models.inference.standardization import Standardization

_ERRORS_ONLY = 3
_MODEL_GRAPH, _GRAPH_OUTPUT, _VALUE_NAME, _LENGTH_DELIMITED = 7, 12, 1, 2
"""Of onnx.proto: ModelProto.graph, GraphProto.output, ValueInfoProto.name; and protobuf's wire type."""


class Engine:
    """Runs `network.onnx`.

    The graph takes uint8 digits and holds its own mean, std and temperature as default inputs, so that any
    ONNX program that feeds it raw grey levels is right. Here they are fed from the artifact's contract
    (a zero-dimensional input costs 1 us), so that `model.json` is what governs.

    Args:
        path: the ONNX file.
        standardization: mean and std of the training split.
        temperature: divides the logits before the softmax; > 0.

    Raises:
        ArtifactCorrupt: the engine cannot read the file.
    """

    def __init__(self, path: Path, standardization: Standardization, temperature: float) -> None:
        self._session = _session(path, str(path))
        self._parameters = _parameters(standardization, temperature)

    def run(self, digits: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Classify a batch.

        Args:
            digits: (n, 28, 28) uint8, canonical.

        Returns:
            (n, 10) float32 probabilities, and (n, 10) float32 logits before the temperature; (n, 11) of a network
            that was shown what is no digit.
        """
        probabilities, logits = self._session.run(["probabilities", "logits"], {"digits": digits, **self._parameters})
        return probabilities, logits


class Probe:
    """Runs `network.onnx` and tells values from inside of it: the same file and weights, in a session of its own.

    The engine only gives what a graph names as its outputs. Serialized protobuf messages merge when they are
    concatenated, and a graph's outputs are a repeated field: hence more outputs are bytes behind the file's.

    Args:
        path: the ONNX file.
        tensors: names in the graph, weights included, whose values are wanted.
        standardization: as for the engine.
        temperature: as for the engine.

    Raises:
        ArtifactCorrupt: the engine cannot read the file, or there is no such value in it.
        OSError: the file is gone.
    """

    def __init__(
        self, path: Path, tensors: Sequence[str], standardization: Standardization, temperature: float
    ) -> None:
        self._tensors = list(tensors)
        outputs = b"".join(_field(_GRAPH_OUTPUT, _field(_VALUE_NAME, name.encode())) for name in tensors)
        self._session = _session(path, path.read_bytes() + _field(_MODEL_GRAPH, outputs))
        self._parameters = _parameters(standardization, temperature)

    def run(self, digit: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """The values by name, for one (28, 28) uint8 digit."""
        values = self._session.run(self._tensors, {"digits": digit[None], **self._parameters})
        return dict(zip(self._tensors, values, strict=True))


def _session(path: Path, network: str | bytes) -> Any:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # not above: gunicorn's master must not load it, or its workers abort when they stop

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises a class per status code, with no base but Exception
        raise ArtifactCorrupt(f"{path}: ONNX Runtime cannot read it: {error}") from error


def _parameters(standardization: Standardization, temperature: float) -> dict[str, NDArray[np.float32]]:
    return {
        "mean": np.array(standardization.mean, np.float32),
        "std": np.array(standardization.std, np.float32),
        "temperature": np.array(temperature, np.float32),
    }


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protobuf message."""
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
