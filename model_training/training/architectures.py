"""Define each network as a list of layers, from standardized (28, 28) float32 digits to probabilities.

There are ten probabilities, or eleven if the last one is that of a non-digit. The layer before the softmax is named
`logits`; calibration and export find it by that name.
"""

from __future__ import annotations

import keras
from keras.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    Reshape,
    Softmax,
)


def build(architecture: str) -> keras.Sequential:
    """Build the network of that name with fresh weights."""
    return keras.Sequential([keras.Input((28, 28)), *ARCHITECTURES[architecture]()], name=architecture)


def mlp() -> list[Layer]:
    """784-50-50-10, tanh (Raschka, "Python Machine Learning", chapter 13)."""
    return [
        Flatten(),
        Dense(50, activation="tanh", kernel_initializer="glorot_uniform"),
        Dense(50, activation="tanh", kernel_initializer="glorot_uniform"),
        Dense(10, kernel_initializer="glorot_uniform", name="logits"),
        Softmax(name="probabilities"),
    ]


def cnn() -> list[Layer]:
    """Two convolutions, two poolings, one wide dense layer (Raschka, chapter 15): 1,111,946 parameters."""
    return [
        Reshape((28, 28, 1)),
        Conv2D(32, 5, activation="relu"),
        MaxPooling2D(2),
        Conv2D(64, 5, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(1024, activation="relu"),
        Dropout(0.5),
        Dense(10, name="logits"),
        Softmax(name="probabilities"),
    ]


def best() -> list[Layer]:
    """Deotte's network (2018, "25 Million Images! 0.99757 MNIST"): 15.2 million multiply-adds, 326,955 parameters.

    It has convolutions with a stride of two instead of poolings. The eleventh output is for non-digits. Normalization
    comes before the activation, so that the export can fold it into the convolution.
    """
    return [
        Reshape((28, 28, 1)),
        *convolution(32, 3),
        *convolution(32, 3),
        *convolution(32, 5, strides=2, padding="same"),
        Dropout(0.2),
        *convolution(64, 3),
        *convolution(64, 3),
        *convolution(64, 5, strides=2, padding="same"),
        Dropout(0.2),
        *convolution(128, 4),
        Flatten(),
        Dropout(0.4),
        Dense(11, name="logits"),
        Softmax(name="probabilities"),
    ]


def convolution(filters: int, kernel: int, *, strides: int = 1, padding: str = "valid") -> list[Layer]:
    """Convolution, batch normalization (Ioffe & Szegedy 2015), ReLU."""
    return [
        Conv2D(filters, kernel, strides=strides, padding=padding, use_bias=False),
        BatchNormalization(),
        Activation("relu"),
    ]


def quick() -> list[Layer]:
    """A small network that reads 99 % after seconds; the early stride of two saves most of the work."""
    return [
        Reshape((28, 28, 1)),
        Conv2D(24, 5, strides=2, activation="relu"),
        Conv2D(32, 3, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(256, activation="relu"),
        Dense(10, name="logits"),
        Softmax(name="probabilities"),
    ]


def tiny() -> list[Layer]:
    """The `cnn` in miniature, for tests."""
    return [
        Reshape((28, 28, 1)),
        Conv2D(4, 5, strides=2, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dropout(0.5),
        Dense(10, name="logits"),
        Softmax(name="probabilities"),
    ]


ARCHITECTURES = {"best": best, "quick": quick, "cnn": cnn, "mlp": mlp, "tiny": tiny}
