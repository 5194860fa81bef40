"""The one seam to the inference engine: ONNX Runtime, float32, one thread."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import ArtifactCorrupt
from models.standardization import Standardization

_ERRORS_ONLY = 3


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
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime  # not above: gunicorn's master must not load it, or its workers abort when they stop

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises a class per status code, with no base but Exception
            raise ArtifactCorrupt(f"{path}: ONNX Runtime cannot read it: {error}") from error
        self._parameters = {
            "mean": np.array(standardization.mean, np.float32),
            "std": np.array(standardization.std, np.float32),
            "temperature": np.array(temperature, np.float32),
        }

    def run(self, digits: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Classify a batch.

        Args:
            digits: (n, 28, 28) uint8, canonical.

        Returns:
            (n, 10) float32 probabilities, and (n, 10) float32 logits before the temperature.
        """
        probabilities, logits = self._session.run(["probabilities", "logits"], {"digits": digits, **self._parameters})
        return probabilities, logits
