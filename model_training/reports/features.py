"""What a network looks for, and what it sees: its kernels, and the activations that a digit leaves in each layer."""

from __future__ import annotations

import math

import keras
import numpy as np
from numpy.typing import NDArray

GAP = 1
"""Pixels between two maps on a sheet."""


def kernels(network: keras.Sequential) -> dict[str, NDArray[np.float32]]:
    """(m, m, channels in, filters) of each convolution, by the layer's name."""
    return {layer.name: np.asarray(layer.kernel) for layer in network.layers if isinstance(layer, keras.layers.Conv2D)}


def maps(network: keras.Sequential, digits: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """What comes out of each layer that makes something new, by its name.

    Args:
        network: `network.keras`, raw grey levels in.
        digits: (n, 28, 28) uint8.

    Returns:
        (n, h, w, c), (n, h, w) or (n, units) float32 each.
    """
    layers = [layer for layer in network.layers if not _passes_on(layer)]
    outputs = keras.Model(network.inputs[0], [layer.output for layer in layers])(digits, training=False)
    return {layer.name: np.asarray(output) for layer, output in zip(layers, outputs, strict=True)}


def kernel_sheet(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every kernel of a layer on one sheet: a single channel in rows, several with a row for each channel."""
    m, _, channels, filters = kernel.shape
    if channels == 1:
        return tile(kernel[:, :, 0].transpose(2, 0, 1))
    return tile(kernel.transpose(2, 3, 0, 1).reshape(-1, m, m), columns=filters)


def map_sheet(activation: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, c), (h, w) or (units,) of one digit on one sheet."""
    if activation.ndim == 2:
        return activation
    if activation.ndim == 3 and activation.shape[:2] == (1, 1):
        activation = activation[0, 0]
    if activation.ndim == 1:
        side = math.ceil(math.sqrt(len(activation)))
        columns = len(activation) if len(activation) <= 16 else side
        rows = math.ceil(len(activation) / columns)
        padding = (0, rows * columns - len(activation))
        return np.pad(activation, padding, constant_values=_least(activation)).reshape(rows, columns)
    return tile(activation.transpose(2, 0, 1), between=_least(activation))


def tile(pictures: NDArray[np.float32], columns: int | None = None, between: float = 0.0) -> NDArray[np.float32]:
    """(n, h, w) -> one sheet, as near to twice as wide as high as it goes; `between` and after them one number."""
    n, height, width = pictures.shape
    columns = columns or min(n, math.ceil(math.sqrt(2 * n)))
    rows = math.ceil(n / columns)
    padded = np.full((rows * columns, height + GAP, width + GAP), between, pictures.dtype)
    padded[:n, :height, :width] = pictures
    sheet = padded.reshape(rows, columns, height + GAP, width + GAP).transpose(0, 2, 1, 3)
    return sheet.reshape(rows * (height + GAP), columns * (width + GAP))[:-GAP, :-GAP]


def _least(activation: NDArray[np.float32]) -> float:
    """What is drawn as bare paper."""
    return min(float(activation.min()), 0.0)


def _passes_on(layer: keras.layers.Layer) -> bool:
    """Whether what comes out is what went in, in another shape or scale."""
    same = (keras.layers.Reshape, keras.layers.Flatten, keras.layers.Dropout, keras.layers.BatchNormalization)
    return isinstance(layer, same) or (isinstance(layer, keras.layers.Rescaling) and layer.name != "standardization")
