"""A version's network in every format that others run it in."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import tensorflow as tf

from model_training.export import artifact_files
from models.registry.contract import ENGINE_FILES

WEIGHTS, ARCHITECTURE = "network.weights.h5", "network.json"
FORMATS = {
    "keras": "network.keras",
    "weights": WEIGHTS,
    "saved_model": "saved_model/1",
    "saved_model_png": "saved_model/1",
    "onnx": ENGINE_FILES["float32"],
    "litert": "network.tflite",
}
"""Format -> where it lies in the export. `weights` go with ARCHITECTURE; `saved_model_png` is the signature that takes
PNG files."""


def write(directory: Path, artifact: Path) -> None:
    """Write every format.

    Args:
        directory: empty.
        artifact: the version's; already verified.
    """
    network = keras.saving.load_model(artifact / "network.keras")
    for name in ("network.keras", ENGINE_FILES["float32"]):
        shutil.copyfile(artifact / name, directory / name)
    if (artifact / ENGINE_FILES["int8"]).exists():
        shutil.copyfile(artifact / ENGINE_FILES["int8"], directory / ENGINE_FILES["int8"])
    network.save_weights(directory / WEIGHTS)
    (directory / ARCHITECTURE).write_text(network.to_json(indent=2) + "\n")
    served = directory / FORMATS["saved_model"]
    served.mkdir(parents=True)
    artifact_files.write_saved_model(served, network)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(served), signature_keys=["serving_default"])
    (directory / FORMATS["litert"]).write_bytes(converter.convert())
