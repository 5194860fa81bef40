"""Write the files of an artifact from a trained network."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_training.data.dataset import Split
from model_training.export import layer_names, litert
from model_training.training.calibration import Calibration
from models.inference.contract import Contract
from models.inference.rejection import DIGITS
from models.inference.runtime import Engine
from models.inference.standardization import Standardization
from models.registry import artifact
from models.registry.contract import ENGINE_FILES
from models.registry.reference import Reference

REFERENCE_CANDIDATES = 2000


def logits_of(network: keras.Sequential) -> keras.Model:
    """Cut the softmax off: standardized digits in, logits out."""
    return keras.Model(network.inputs[0], network.get_layer("logits").output)


def save(
    directory: Path,
    network: keras.Sequential,
    standardization: Standardization,
    calibration: Calibration,
    training_digits: NDArray[np.uint8],
    held_out: Split,
) -> None:
    """Write an artifact, whole or not at all.

    Args:
        directory: must not exist.
        network: standardized digits in, probabilities out.
        standardization: built into every file.
        calibration: its temperature is built into the files for other programs.
        training_digits: (n, 28, 28) uint8, of everything that the network was trained on; a sample of them sets the
            ranges of the int8 file.
        held_out: the reference digits are chosen among the first REFERENCE_CANDIDATES of these.
    """

    def write_files(staging: Path) -> None:
        model = with_preprocessing(network, standardization, calibration.temperature)
        model.save(staging / "network.keras")
        write_saved_model(staging, model)
        float32 = litert.convert(network, standardization)
        (staging / ENGINE_FILES["float32"]).write_bytes(float32)
        layer_names.describe(staging, float32)
        int8 = litert.convert_to_int8(network, standardization, training_digits)
        (staging / ENGINE_FILES["int8"]).write_bytes(int8)
        candidates = held_out.first(REFERENCE_CANDIDATES)
        logits = Engine(float32).logits(candidates.digits)
        if reference := Reference.choose(candidates.digits, candidates.labels, logits):
            reference.write(staging)

    contract = Contract(
        name="digits",
        classes=tuple(range(DIGITS)),
        standardization=standardization,
        temperature=calibration.temperature,
        rejection=calibration.rejection,
    )
    artifact.save(directory, contract, write_files)


def with_preprocessing(
    network: keras.Sequential, standardization: Standardization, temperature: float
) -> keras.Sequential:
    """Build the Keras model of the artifact, without optimizer state.

    An eleventh output, for non-digits, is left out, so that the ten probabilities sum to 1.

    Returns:
        (n, 28, 28) uint8 in, (n, 10) calibrated probabilities out.
    """
    whole = network.get_layer("logits")
    kernel, bias = (weights[..., :DIGITS] for weights in whole.get_weights())
    logits = keras.layers.Dense(DIGITS, name="logits")
    model = keras.Sequential(
        [
            keras.Input((28, 28), dtype="uint8", name="image"),
            keras.layers.Rescaling(
                1 / standardization.std, -standardization.mean / standardization.std, name="standardization"
            ),
            *network.layers[:-2],
            logits,
            keras.layers.Rescaling(1 / temperature, name="temperature"),
            network.layers[-1],
        ],
        name="digits",
    )
    logits.set_weights([kernel, bias])
    return model


def write_saved_model(directory: Path, model: keras.Sequential) -> None:
    """Write `saved_model.pb` and `variables/`, for TensorFlow Serving.

    Each signature gives `probabilities`. `serving_default` takes `image`, (n, 28, 28) uint8; `png` takes
    `image_bytes`, n PNG files of 28x28 with light ink.
    """
    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]  # Keras' own ExportArchive writes each twice

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28), tf.uint8, name="image")])
    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": model(image)}

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, name="image_bytes")])
    def serve_png(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        return serve(tf.map_fn(_decoded, image_bytes, fn_output_signature=tf.TensorSpec((28, 28), tf.uint8)))

    signatures = {"serving_default": serve.get_concrete_function(), "png": serve_png.get_concrete_function()}
    tf.saved_model.save(module, str(directory), signatures=signatures)


def _decoded(png: tf.Tensor) -> tf.Tensor:
    return tf.ensure_shape(tf.io.decode_png(png, channels=1), (28, 28, 1))[..., 0]


def keras_probabilities(path: Path, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Classify with the saved `network.keras`, to compare the engine with it.

    Args:
        path: of the file.
        digits: (n, 28, 28) uint8.

    Returns:
        (n, 10) float32.
    """
    return keras.saving.load_model(path).predict(digits, batch_size=1000, verbose=0)
