"""The networks, each one literal list of layers: standardized (28, 28) float32 in, ten probabilities out.

The layer before the softmax is named `logits`; calibration and export find it by that name.
"""

from __future__ import annotations

import keras
from keras.layers import Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D, Reshape, Softmax


def build(architecture: str) -> keras.Sequential:
    """Make the network of that name, with fresh weights."""
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


def tiny() -> list[Layer]:
    """The cnn's shape in miniature, for tests."""
    return [
        Reshape((28, 28, 1)),
        Conv2D(4, 5, strides=2, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dropout(0.5),
        Dense(10, name="logits"),
        Softmax(name="probabilities"),
    ]


ARCHITECTURES = {"mlp": mlp, "cnn": cnn, "tiny": tiny}
