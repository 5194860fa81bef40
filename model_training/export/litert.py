"""Convert a network for LiteRT, the engine of the service: in float32, and in int8 up to its features."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.inference.standardization import Standardization

CALIBRATION_DIGITS = 1000
CALIBRATION_SEED = 2026
_FLOAT32 = [
    "standardization/centered", "standardization/standardized", "columns_1/convolution1", "StatefulPartitionedCall:0",
]  # fmt: skip
"""Operators that stay in float32, by the name of their output: the standardization, and the last dense layer, which in
a reader of lines is a convolution over one pixel."""


def convert(network: keras.Sequential, standardization: Standardization) -> bytes:
    """Convert a network to float32.

    Args:
        network: standardized digits in; its layer `logits` is the last that is converted.
        standardization: built into the file.

    Returns:
        A .tflite file: (n, 28, 28) uint8 grey levels in, (n, 10 or 11) float32 logits out.
    """
    return _converter(network, standardization).convert()


def convert_to_int8(
    network: keras.Sequential, standardization: Standardization, training_digits: NDArray[np.uint8]
) -> bytes:
    """Convert a network to int8, all but its standardization and its last dense layer.

    The last layer stays in float32 because the score for being a digit depends on small differences between logits.

    Args:
        network: as for `convert`.
        standardization: as for `convert`.
        training_digits: (n, 28, 28) uint8; a sample of them sets the range of each activation.

    Returns:
        A .tflite file with the inputs and outputs of `convert`.
    """
    order = np.random.default_rng(CALIBRATION_SEED).permutation(len(training_digits))
    sample = training_digits[order[:CALIBRATION_DIGITS]]

    def digits() -> Iterator[list[NDArray[np.uint8]]]:
        yield from ([digit[None]] for digit in sample)

    converter = _converter(network, standardization)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = digits
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=_FLOAT32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the debugger runs TensorFlow's own, deprecated interpreter
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter, debug_dataset=digits, debug_options=options
        )
        return debugger.get_nondebug_quantized_model()


def _converter(network: keras.Sequential, standardization: Standardization) -> tf.lite.TFLiteConverter:
    layers = network.layers[: [layer.name for layer in network.layers].index("logits") + 1]

    shape = network.input_shape if None not in network.input_shape[1:] else (1, *network.input_shape[1:])

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8, name="digits")])
    def logits(digits: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.name_scope("standardization"):
            mean, scale = (
                tf.constant(standardization.mean, name="mean"),
                tf.constant(1 / standardization.std, name="scale"),
            )
            centered = tf.subtract(tf.cast(digits, tf.float32), mean, name="centered")
            values = tf.multiply(centered, scale, name="standardized")
        for layer in layers:
            if isinstance(layer, (keras.layers.Reshape, keras.layers.Flatten)):
                # Keras computes this shape from the batch, in operators that take time and that the engine cannot fuse
                sizes = [-1 if size is None else size for size in layer.output.shape[1:]]
                values = tf.reshape(values, (1 if -1 in sizes else -1, *sizes))
            else:
                values = layer(values, training=False)
        return {"logits": values}

    module = tf.Module()
    module.weights = [weight.value for weight in network.weights]  # found here, the converter makes them constants
    return tf.lite.TFLiteConverter.from_concrete_functions([logits.get_concrete_function()], module)
