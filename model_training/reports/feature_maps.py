"""Collect a network's kernels and the activations that a digit causes, and lay them out on sheets."""

from __future__ import annotations

import math

import keras
import numpy as np
from numpy.typing import NDArray

GAP = 1
"""Pixels between two images on a sheet."""


def kernels(network: keras.Sequential) -> dict[str, NDArray[np.float32]]:
    """Return the (m, m, channels in, filters) kernel of each convolution by its layer's name."""
    return {layer.name: np.asarray(layer.kernel) for layer in network.layers if isinstance(layer, keras.layers.Conv2D)}


def maps(network: keras.Sequential, digits: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Return the output of each layer that computes something new, by the layer's name.

    Args:
        network: `network.keras`, which takes grey levels.
        digits: (n, 28, 28) uint8.

    Returns:
        (n, h, w, c), (n, h, w) or (n, units) float32 each.
    """
    layers = [layer for layer in network.layers if not _only_reshapes(layer)]
    outputs = keras.Model(network.inputs[0], [layer.output for layer in layers])(digits, training=False)
    return {layer.name: np.asarray(output) for layer, output in zip(layers, outputs, strict=True)}


def kernel_sheet(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay out the kernels of a layer: in rows if there is one channel, otherwise with a row for each channel."""
    m, _, channels, filters = kernel.shape
    if channels == 1:
        return tile(kernel[:, :, 0].transpose(2, 0, 1))
    return tile(kernel.transpose(2, 3, 0, 1).reshape(-1, m, m), columns=filters)


def map_sheet(activation: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay out the (h, w, c), (h, w) or (units,) activation of one digit."""
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


def tile(images: NDArray[np.float32], columns: int | None = None, between: float = 0.0) -> NDArray[np.float32]:
    """Tile (n, h, w) images on one sheet.

    Args:
        images: at least one.
        columns: None: as many as make the sheet about twice as wide as high.
        between: fills the gaps and the places that are left.
    """
    n, height, width = images.shape
    columns = columns or min(n, math.ceil(math.sqrt(2 * n)))
    rows = math.ceil(n / columns)
    padded = np.full((rows * columns, height + GAP, width + GAP), between, images.dtype)
    padded[:n, :height, :width] = images
    sheet = padded.reshape(rows, columns, height + GAP, width + GAP).transpose(0, 2, 1, 3)
    return sheet.reshape(rows * (height + GAP), columns * (width + GAP))[:-GAP, :-GAP]


def _least(activation: NDArray[np.float32]) -> float:
    """Return the value that is drawn as paper."""
    return min(float(activation.min()), 0.0)


def _only_reshapes(layer: keras.layers.Layer) -> bool:
    """Return whether a layer only reshapes or rescales its input, as far as its map shows."""
    same = (keras.layers.Reshape, keras.layers.Flatten, keras.layers.Dropout, keras.layers.BatchNormalization)
    return isinstance(layer, same) or (isinstance(layer, keras.layers.Rescaling) and layer.name != "standardization")
