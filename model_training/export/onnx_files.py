"""Convert a network to ONNX, in float32 and in int8."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime import quantization

OPSET = 17
CALIBRATION_DIGITS = 1000
BATCH = 100
ERRORS_ONLY = 3


def write(path: Path, model: keras.Sequential) -> None:
    """Write a model in float32.

    Args:
        path: where to write.
        model: (n, 28, 28) uint8 in, (n, 10) probabilities out; the file names them `digits` and `probabilities`.
    """
    with tempfile.TemporaryDirectory(prefix="digits-") as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # tf2onnx still asks NumPy for np.object
        exported = Path(scratch) / "network.onnx"
        signature = [keras.InputSpec(dtype="uint8", shape=(None, 28, 28), name="digits")]
        model.export(exported, format="onnx", opset_version=OPSET, input_signature=signature, verbose=False)
        network = onnx.load(exported)
    graph = network.graph
    (output,) = graph.output
    for node in graph.node:
        node.output[:] = ["probabilities" if name == output.name else name for name in node.output]
    output.name = "probabilities"
    onnx.checker.check_model(network, full_check=True)
    path.write_bytes(network.SerializeToString())


class CalibrationDigits(quantization.CalibrationDataReader):
    """Training digits in batches, on which the range of each activation is measured."""

    def __init__(self, digits: NDArray[np.uint8]) -> None:
        self._batches = iter([digits[start : start + BATCH] for start in range(0, len(digits), BATCH)])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"digits": batch}


def quantize(network: Path, quantized: Path, digits: NDArray[np.uint8]) -> None:
    """Write an int8 copy of a file: static, symmetric weights a channel, activations by percentile.

    Args:
        network: the float32 file.
        quantized: where to write.
        digits: (n, 28, 28) uint8 of the training split.
    """
    with _quiet():
        quantization.quantize_static(
            network,
            quantized,
            CalibrationDigits(digits[:CALIBRATION_DIGITS]),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "MatMul", "MaxPool", "Relu", "Reshape", "Transpose"],
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.Percentile,
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the quantizer's comments, among them the advice to fuse nodes first, which makes the file slower."""
    onnxruntime.set_default_logger_severity(ERRORS_ONLY)
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
