"""The float32 graph -> an int8 one, for those who trade a little accuracy for speed."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime import quantization

CALIBRATION_DIGITS = 1000
BATCH = 100
ERRORS_ONLY = 3


class Calibrators(quantization.CalibrationDataReader):
    """Training digits, on which the range of each activation is measured."""

    def __init__(self, digits: NDArray[np.uint8]) -> None:
        self._batches = iter([digits[start : start + BATCH] for start in range(0, len(digits), BATCH)])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"digits": batch}


def quantize(network: Path, quantized: Path, digits: NDArray[np.uint8]) -> None:
    """Write an int8 copy of a graph: static, symmetric weights a channel, activations by percentile.

    Args:
        network: the float32 `network.onnx`.
        quantized: where to write.
        digits: (n, 28, 28) uint8 of the training split.
    """
    with _quiet():
        quantization.quantize_static(
            network,
            quantized,
            Calibrators(digits[:CALIBRATION_DIGITS]),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "MatMul", "MaxPool", "Relu", "Reshape", "Transpose"],
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.Percentile,
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the quantizer's running commentary, among it the advice to fuse nodes first, which made it slower."""
    onnxruntime.set_default_logger_severity(ERRORS_ONLY)
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
