"""How the network came to its answer: the values of every layer, and which ink the answer hangs on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.inference import layers
from models.inference.contract import Contract
from models.inference.layers import Layer
from models.inference.rejection import DIGITS
from models.inference.runtime import Probe
from models.preprocessing.mnist_geometry import SIZE, Digit

WINDOW = 5
"""Side of the square that is blotted out, pixels."""
BATCH = 64

Classify = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(n, 28, 28) digits -> (n, 10 or 11) logits."""


class Explanation(NamedTuple):
    """What the network made of one digit."""

    standardized: NDArray[np.float32]
    """(28, 28): what the first layer reads."""
    saliency: NDArray[np.float32]
    """(28, 28): how much of the answer's lead hangs on each pixel's ink, in logits; below 0: it speaks for another."""
    layers: list[tuple[Layer, NDArray[np.float32]]]
    """Each with its values: (channels, h, w), or (units,) if dense."""
    neurons: NDArray[np.float32]
    """(inputs,): what the last dense layer reads."""
    neuron_weights: NDArray[np.float32]
    """(inputs, 10): and how it weighs it for each digit; (inputs, 11) of a network that was shown what is no digit."""


class Explainer:
    """Looks into the float32 network of one artifact, whatever the precision that is served.

    Args:
        directory: of the artifact.
        contract: from `model.json`.

    Raises:
        FileNotFoundError: the artifact does not describe its layers.
        ArtifactCorrupt: it does so wrongly.
    """

    def __init__(self, directory: Path, contract: Contract) -> None:
        self._path = directory / "network.onnx"
        self._contract = contract
        self._standardized, self._layers = layers.read(directory)

    def explain(self, digit: Digit, classify: Classify) -> Explanation:
        """Look at one digit.

        Args:
            digit: (28, 28) uint8, canonical.
            classify: the engine that gave the answer.

        Raises:
            OSError: the network's file is gone.
        """
        values = self._probe.run(digit)
        last = self._layers[-1]
        return Explanation(
            values[self._standardized].reshape(SIZE, SIZE),
            saliency(digit, classify),
            [(layer, values[layer.output][0]) for layer in self._layers],
            values[last.input][0],
            values[str(last.weights)],
        )

    def convolutions(self) -> list[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
        """Of each convolution its place among the layers, its weights, and its biases.

        Raises:
            OSError: the network's file is gone.
        """
        values = self._probe.run(np.zeros((SIZE, SIZE), np.uint8))
        found = []
        for i, layer in enumerate(self._layers):
            if layer.kind == "convolution" and layer.weights:
                weights = values[layer.weights]
                found.append((i, weights, values[layer.bias] if layer.bias else np.zeros(len(weights), np.float32)))
        return found

    @cached_property
    def _probe(self) -> Probe:
        """Made when it is first needed: it holds the network a second time."""
        last = self._layers[-1]
        tensors = [self._standardized, last.input, str(last.weights), *(layer.output for layer in self._layers)]
        tensors += [
            name
            for layer in self._layers
            if layer.kind == "convolution"
            for name in (layer.weights, layer.bias)
            if name
        ]
        return Probe(
            self._path, list(dict.fromkeys(tensors)), self._contract.standardization, self._contract.temperature
        )


def saliency(digit: Digit, classify: Classify) -> NDArray[np.float32]:
    """Blot out a window of ink at a time and see how much of its lead the answer loses.

    Occlusion (Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks"); a pixel has the mean loss
    of the windows that it is in.

    Args:
        digit: (28, 28) uint8.
        classify: asked about every digit with a window blotted out.

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
    parts = [classify(copies[start : start + BATCH]) for start in range(0, len(copies), BATCH)]
    logits = np.concatenate(parts)[:, :DIGITS]
    answer = int(logits[0].argmax())
    lead = logits[:, answer] - np.delete(logits, answer, axis=1).max(axis=1)
    total, count = np.zeros((2, SIZE, SIZE), np.float32)
    for loss, (top, left) in zip(lead[0] - lead[1:], corners, strict=True):
        total[top : top + WINDOW, left : left + WINDOW] += loss
        count[top : top + WINDOW, left : left + WINDOW] += 1
    return np.where(digit > 0, total / np.maximum(count, 1), 0).astype(np.float32)
