"""The reader of lines: a fully convolutional network trained by CTC (Graves 2006), without recurrence.

Standardized strips of any width in, logits of each column out: ten digits, then CTC's blank.
"""

from __future__ import annotations

import keras
import tensorflow as tf
from keras.layers import Activation, BatchNormalization, Conv2D, DepthwiseConv2D, Layer, MaxPooling2D, Reshape

from model_training.data.number_set import NO_DIGIT
from model_training.training.architectures import convolution
from models.numbers.ctc import BLANK, CLASSES
from models.numbers.strips import HEIGHT

COLUMNS = 4
"""Columns of logits for each column of the last features, so that narrow digits have a blank between them."""


def build(architecture: str) -> keras.Sequential:
    """Build the reader of that name with fresh weights; its last layer is named `logits`."""
    return keras.Sequential([keras.Input((HEIGHT, None)), *READERS[architecture]()], name=architecture)


def numbers() -> list[Layer]:
    """Four columns of a strip share features, each has logits of its own; features see 71 columns of the strip.

    Two strides first, so that the work goes into channels; along the line layers are separable (Chollet 2017).
    """
    return [
        Reshape((HEIGHT, -1, 1)),
        *convolution(24, 3, strides=2, padding="same"),
        *convolution(32, 3, strides=2, padding="same"),
        *convolution(64, 3, padding="same"),
        MaxPooling2D((2, 1)),
        *convolution(96, 3, padding="same"),
        *convolution(128, (4, 1)),
        keras.layers.Dropout(0.05),
        *_separable(160, 5),
        *_separable(160, 5),
        *_separable(160, 5),
        keras.layers.Dropout(0.05),
        *_head(),
    ]


def tiny_numbers() -> list[Layer]:
    """The reader in miniature, for tests."""
    return [
        Reshape((HEIGHT, -1, 1)),
        *convolution(4, 3, strides=(4, 2), padding="same"),
        *convolution(8, (8, 3), strides=(8, 2), padding="same"),
        keras.layers.Dropout(0.05),
        *_head(),
    ]


READERS = {"numbers": numbers, "tiny_numbers": tiny_numbers}


@keras.saving.register_keras_serializable("numbers")
def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Compute the negative log-likelihood of each line.

    Args:
        labels: (b, n) int32, NO_DIGIT after the last digit.
        logits: (b, columns, CLASSES).

    Returns:
        (b,) float32.
    """
    labels = tf.cast(labels, tf.int32)
    empty = labels[:, 0] == NO_DIGIT
    all_blank = -tf.reduce_sum(tf.nn.log_softmax(logits)[..., BLANK], axis=1)
    # TensorFlow's operator takes no line without a label
    labels = tf.concat((tf.where(empty, 0, labels[:, 0])[:, None], labels[:, 1:]), axis=1)
    present = tf.where(labels != NO_DIGIT)
    shape = tf.cast(tf.shape(labels), tf.int64)
    sparse = tf.SparseTensor(present, tf.gather_nd(labels, present), shape)
    columns = tf.fill([tf.shape(logits)[0]], tf.shape(logits)[1])
    paths = tf.nn.ctc_loss(sparse, logits, None, columns, logits_time_major=False, blank_index=BLANK)
    return tf.where(empty, all_blank, paths)


@keras.saving.register_keras_serializable("numbers")
def accuracy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Tell of each line whether its likeliest outputs, column by column, are its digits; (b,) float32."""
    labels = tf.cast(labels, tf.int32)
    best = tf.argmax(logits, axis=-1, output_type=tf.int32)
    before = tf.pad(best[:, :-1], [[0, 0], [1, 0]], constant_values=BLANK)
    read = tf.ragged.boolean_mask(best, (best != BLANK) & (best != before)).to_tensor(NO_DIGIT)
    wider = tf.maximum(tf.shape(read)[1], tf.shape(labels)[1])
    read, labels = (
        tf.pad(digits, [[0, 0], [0, wider - tf.shape(digits)[1]]], constant_values=NO_DIGIT)
        for digits in (read, labels)
    )
    return tf.cast(tf.reduce_all(read == labels, axis=1), tf.float32)


def multiply_adds(network: keras.Sequential, width: int) -> int:
    """Count the multiply-adds for a strip of that width."""
    total, values = 0, keras.ops.zeros((1, HEIGHT, width))
    for layer in network.layers:
        values = layer(values)
        if isinstance(layer, Conv2D | DepthwiseConv2D):
            total += int(values.shape[1]) * int(values.shape[2]) * int(layer.kernel.shape.num_elements())
    return total


def _separable(filters: int, columns: int) -> list[Layer]:
    """Look along the line in each channel, then across the channels; each with normalization and ReLU."""
    return [
        DepthwiseConv2D((1, columns), padding="same", use_bias=False),
        BatchNormalization(),
        Activation("relu"),
        *convolution(filters, 1),
    ]


def _head() -> list[Layer]:
    return [Conv2D(COLUMNS * CLASSES, 1, name="columns"), Reshape((-1, CLASSES), name="logits")]
