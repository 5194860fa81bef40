"""`layers.json`: which tensors of `network.tflite` are the layers that a person would name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

LAYERS_FILE = "layers.json"

Kind = Literal["convolution", "pooling", "dense"]


@dataclass(frozen=True)
class Layer:
    """One layer: an operator, and what is done to each of its values before the next layer.

    Attributes:
        kind: of layer.
        operators: ONNX's names, in order, for example Conv and Relu; DepthwiseConv is a convolution of each channel
            by itself.
        source: index of the layer whose output this one reads; None for the standardized digit.
        input: number of the tensor that the layer reads.
        output: number of the tensor that the layer gives: (n, h, w, channels), or (n, units) if dense.
        weights: number of the tensor (channels, h, w, channels of a group), (1, h, w, channels) if depthwise, or
            (units, inputs) if dense; None for a pooling.
        bias: number of the tensor (channels,) or (units,); None if there is none.
        kernel: height and width of the window; (0, 0) for the whole map; None if dense.
        strides: down and to the right.
        pads: rows and columns of padding: top, left, bottom, right.
        groups: into which the channels are divided.
    """

    kind: Kind
    operators: tuple[str, ...]
    source: int | None
    input: int
    output: int
    weights: int | None = None
    bias: int | None = None
    kernel: tuple[int, int] | None = None
    strides: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    groups: int = 1


class Layers(NamedTuple):
    """The content of `layers.json`."""

    standardized: int
    """Number of the tensor that holds the standardized digit, (n, 28, 28)."""
    layers: list[Layer]
    """In the order in which they are computed."""


def write(directory: Path, layers: Layers) -> None:
    """Write `layers.json` into the directory of an artifact."""
    document = {"standardized": layers.standardized, "layers": [asdict(layer) for layer in layers.layers]}
    (directory / LAYERS_FILE).write_text(json.dumps(document, indent=2) + "\n")


def parse(text: bytes) -> Layers:
    """Read the content of a `layers.json`.

    Raises:
        ValueError: it is not JSON.
        KeyError: an entry is missing.
        TypeError: an entry is unknown or of another type.
    """
    document = json.loads(text)
    return Layers(document["standardized"], [_layer(entry) for entry in document["layers"]])


def _layer(entry: dict[str, Any]) -> Layer:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Layer(**values)  # type: ignore[arg-type]
