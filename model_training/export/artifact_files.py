"""A trained network -> the files of an artifact, each of them uint8 digits in, probabilities out."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import onnx
import tensorflow as tf
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper

from model_training.export import layer_names
from model_training.export.quantization import quantize
from model_training.training.calibration import Calibration
from models.inference.contract import Contract
from models.inference.rejection import DIGITS
from models.inference.standardization import Standardization
from models.registry import artifact
from models.registry.contract import ENGINE_FILES

OPSET, IR_VERSION = 17, 8


def logits_of(network: keras.Sequential) -> keras.Model:
    """The network less its softmax, on standardized digits."""
    return keras.Model(network.inputs[0], network.get_layer("logits").output)


def save(
    directory: Path,
    network: keras.Sequential,
    standardization: Standardization,
    calibration: Calibration,
    training_digits: NDArray[np.uint8],
) -> None:
    """Write the artifact, whole or not at all.

    Args:
        directory: must not exist.
        network: standardized digits -> probabilities.
        standardization: built into every file.
        calibration: its temperature is built into every file.
        training_digits: (n, 28, 28) uint8, on which the int8 file is calibrated.
    """

    def write_files(staging: Path) -> None:
        model = with_preprocessing(network, standardization, calibration.temperature)
        model.save(staging / "network.keras")
        write_saved_model(staging, model)
        float32, int8 = (staging / ENGINE_FILES[precision] for precision in ("float32", "int8"))
        write_onnx(float32, network, standardization, calibration.temperature)
        layer_names.describe(staging, float32.name)
        quantize(float32, int8, training_digits)

    contract = Contract(
        name="digits",
        classes=tuple(range(10)),
        standardization=standardization,
        temperature=calibration.temperature,
        rejection=calibration.rejection,
    )
    artifact.save(directory, contract, write_files)


def with_preprocessing(
    network: keras.Sequential, standardization: Standardization, temperature: float
) -> keras.Sequential:
    """(n, 28, 28) uint8 -> (n, 10) calibrated probabilities, as one Keras model without optimizer state.

    Of an eleventh output, that of no digit, nothing remains: the ten are probabilities of what a digit is.
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
    """`saved_model.pb` and `variables/`, for TensorFlow Serving: `probabilities` out of either signature.

    `serving_default` takes `image`, (n, 28, 28) uint8; `png` takes `image_bytes`, n PNG files of 28x28, light ink.
    """
    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]  # Keras' own ExportArchive writes each of them twice

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


def write_onnx(path: Path, network: keras.Sequential, standardization: Standardization, temperature: float) -> None:
    """`network.onnx`: `digits` in; `probabilities` of the ten digits and all `logits` out.

    `mean`, `std` and `temperature` are inputs with default values: whoever leaves them out gets what training
    fitted, and the service feeds what `model.json` says.
    """
    outputs = network.get_layer("logits").units
    core = compose.add_prefix(_onnx(logits_of(network)), "network/")
    entry, exit_ = core.graph.input[0].name, core.graph.output[0].name
    parameters = {"mean": standardization.mean, "std": standardization.std, "temperature": temperature}
    slice_ = {"first": 0, "last": DIGITS, "axis": 1}
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["digits"], ["grey_levels"], to=TensorProto.FLOAT),
            helper.make_node("Sub", ["grey_levels", "mean"], ["centered"]),
            helper.make_node("Div", ["centered", "std"], [entry]),
            *core.graph.node,
            helper.make_node("Identity", [exit_], ["logits"]),
            helper.make_node("Slice", ["logits", "first", "last", "axis"], ["digit_logits"]),
            helper.make_node("Div", ["digit_logits", "temperature"], ["calibrated_logits"]),
            helper.make_node("Softmax", ["calibrated_logits"], ["probabilities"], axis=-1),
        ],
        "digits",
        inputs=[
            helper.make_tensor_value_info("digits", TensorProto.UINT8, ["n", 28, 28]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in parameters),
        ],
        outputs=[
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 10]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", outputs]),
        ],
        initializer=[
            *core.graph.initializer,
            *(numpy_helper.from_array(np.array(value, np.float32), name) for name, value in parameters.items()),
            *(numpy_helper.from_array(np.array([value]), name) for name, value in slice_.items()),
        ],
    )
    model = helper.make_model(
        graph, opset_imports=core.opset_import, ir_version=IR_VERSION, producer_name="model_training"
    )
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def _onnx(model: keras.Model) -> onnx.ModelProto:
    model(np.zeros((1, 28, 28), np.float32))  # Keras exports only a model that has been called
    with tempfile.TemporaryDirectory(prefix="digits-") as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # tf2onnx still asks NumPy for np.object
        path = Path(scratch) / "network.onnx"
        model.export(path, format="onnx", opset_version=OPSET, verbose=False)
        return onnx.load(path)


def keras_probabilities(path: Path, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the saved `network.keras` says of (n, 28, 28) uint8 digits; to hold the engine against."""
    return keras.saving.load_model(path).predict(digits, batch_size=1000, verbose=0)
