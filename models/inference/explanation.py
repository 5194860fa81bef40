"""How the network comes to its answer: the values of every layer, and the ink that the answer depends on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit
from models.inference.layers import Layer, Layers
from models.inference.rejection import DIGITS
from models.inference.runtime import Probe
from models.preprocessing.mnist_geometry import SIZE

WINDOW = 5
"""Side of the square that is blotted out, pixels."""

Classify = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(n, 28, 28) digits -> (n, 10 or 11) logits."""


class Convolution(NamedTuple):
    """The filters of one convolution."""

    layer: int
    """Its index among the layers."""
    weights: NDArray[np.float32]
    """(channels, channels of a group, h, w)."""
    bias: NDArray[np.float32]
    """(channels,)."""


class Explanation(NamedTuple):
    """What the network computes for one digit."""

    standardized: NDArray[np.float32]
    """(28, 28): the input of the first layer."""
    saliency: NDArray[np.float32]
    """(28, 28): how much of the answer's lead depends on the ink of each pixel, in logits; below 0 the ink speaks for
    another answer."""
    layers: list[tuple[Layer, NDArray[np.float32]]]
    """Each layer with its values: (channels, h, w), or (units,) if dense."""
    neurons: NDArray[np.float32]
    """(inputs,): the input of the last dense layer."""
    neuron_weights: NDArray[np.float32]
    """(inputs, 10): the weights of that layer; (inputs, 11) in a network that was trained on non-digits too."""


class Explainer:
    """Look inside the float32 network of an artifact, whatever the precision that is served.

    Args:
        network: the bytes of `network.tflite`.
        layers: from `layers.json`.
    """

    def __init__(self, network: bytes, layers: Layers) -> None:
        self._network = network
        self._standardized, self._layers = layers

    def explain(self, digit: Digit, classify: Classify) -> Explanation:
        """Explain the answer for one digit.

        Args:
            digit: (28, 28) uint8, canonical.
            classify: the engine that gave the answer.
        """
        last = self._layers[-1]
        assert last.weights is not None
        outputs = [layer.output for layer in self._layers]
        values = self._probe.values(digit, {self._standardized, last.input, last.weights, *outputs})
        return Explanation(
            values[self._standardized].reshape(SIZE, SIZE),
            saliency(digit, classify),
            [(layer, _channels_first(values[layer.output][0])) for layer in self._layers],
            values[last.input].ravel(),
            values[last.weights].T,
        )

    def convolutions(self) -> list[Convolution]:
        """Read the filters of every convolution."""
        places = [i for i, layer in enumerate(self._layers) if layer.kind == "convolution"]
        tensors = [tensor for i in places for tensor in (self._layers[i].weights, self._layers[i].bias)]
        values = self._probe.values(np.zeros((SIZE, SIZE), np.uint8), [one for one in tensors if one is not None])
        return [self._convolution(i, values) for i in places]

    def _convolution(self, index: int, values: dict[int, NDArray[np.float32]]) -> Convolution:
        layer = self._layers[index]
        assert layer.weights is not None
        depthwise = layer.operators[0] == "DepthwiseConv"
        weights = values[layer.weights].transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2))
        bias = np.zeros(len(weights), np.float32) if layer.bias is None else values[layer.bias]
        return Convolution(index, weights, bias)

    @cached_property
    def _probe(self) -> Probe:
        """Built at first use, because it holds every value of the network in memory."""
        return Probe(self._network)


def saliency(digit: Digit, classify: Classify) -> NDArray[np.float32]:
    """Blot out one window of ink after another and measure how much of its lead the answer loses.

    This is occlusion (Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks"). A pixel gets the
    mean loss of the windows that cover it.

    Args:
        digit: (28, 28) uint8.
        classify: asked about every copy of the digit with a window blotted out.

    Returns:
        (28, 28) float32, in logits; 0 where there is no ink.
    """
    corners = [
        (top, left)
        for top in range(SIZE - WINDOW + 1)
        for left in range(SIZE - WINDOW + 1)
        if digit[top : top + WINDOW, left : left + WINDOW].any()
    ]
    copies = np.repeat(digit[None], len(corners) + 1, axis=0)
    for copy, (top, left) in zip(copies[1:], corners, strict=True):
        copy[top : top + WINDOW, left : left + WINDOW] = 0
    logits = classify(copies)[:, :DIGITS]
    answer = int(logits[0].argmax())
    lead = logits[:, answer] - np.delete(logits, answer, axis=1).max(axis=1)
    total, count = np.zeros((2, SIZE, SIZE), np.float32)
    for loss, (top, left) in zip(lead[0] - lead[1:], corners, strict=True):
        total[top : top + WINDOW, left : left + WINDOW] += loss
        count[top : top + WINDOW, left : left + WINDOW] += 1
    return np.where(digit > 0, total / np.maximum(count, 1), 0).astype(np.float32)


def _channels_first(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.moveaxis(values, -1, 0) if values.ndim == 3 else values
