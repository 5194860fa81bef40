"""Write a version's network in every format that other programs run."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_training.export import artifact_files, onnx_files

WEIGHTS, ARCHITECTURE, INT8 = "network.weights.h5", "network.json", "network.int8.onnx"
FORMATS = {
    "keras": "network.keras",
    "weights": WEIGHTS,
    "saved_model": "saved_model/1",
    "saved_model_png": "saved_model/1",
    "onnx": "network.onnx",
    "litert": "network.tflite",
}
"""Format -> its file or folder in the export. `weights` need ARCHITECTURE; `saved_model_png` is the signature that
takes PNG files."""


def write(directory: Path, artifact: Path, training_digits: NDArray[np.uint8]) -> None:
    """Write every format; each gives probabilities.

    Args:
        directory: empty.
        artifact: of the version; already verified.
        training_digits: (n, 28, 28) uint8, on which INT8 is calibrated.
    """
    network = keras.saving.load_model(artifact / "network.keras")
    shutil.copyfile(artifact / "network.keras", directory / "network.keras")
    network.save_weights(directory / WEIGHTS)
    (directory / ARCHITECTURE).write_text(network.to_json(indent=2) + "\n")
    onnx_files.write(directory / FORMATS["onnx"], network)
    onnx_files.quantize(directory / FORMATS["onnx"], directory / INT8, training_digits)
    served = directory / FORMATS["saved_model"]
    served.mkdir(parents=True)
    artifact_files.write_saved_model(served, network)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(served), signature_keys=["serving_default"])
    (directory / FORMATS["litert"]).write_bytes(converter.convert())
