"""`layers.json`: which values inside `network.onnx` are the layers that a person would name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from models.errors import ArtifactCorrupt

LAYERS_FILE = "layers.json"

Kind = Literal["convolution", "pooling", "dense"]


@dataclass(frozen=True)
class Layer:
    """One layer: an operator, and what is done to each of its values before the next.

    Attributes:
        kind: of layer.
        operators: ONNX's names, in order: Conv, Relu.
        source: index of the layer whose output this one reads; None: the standardized digit.
        input: the graph's name of what it reads.
        output: the graph's name of what it gives: (n, channels, h, w), or (n, units) if dense.
        weights: the graph's name of (channels, channels of a group, h, w) or (inputs, units); None: it has none.
        bias: the graph's name of (channels,) or (units,); None: it has none.
        kernel: height and width of the window; (0, 0): all of the map. None if dense.
        strides: down and to the right.
        pads: rows and columns of padding: top, left, bottom, right.
        groups: into which the channels are divided.
    """

    kind: Kind
    operators: tuple[str, ...]
    source: int | None
    input: str
    output: str
    weights: str | None = None
    bias: str | None = None
    kernel: tuple[int, int] | None = None
    strides: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    groups: int = 1


def write(directory: Path, standardized: str, layers: list[Layer]) -> None:
    """Write `layers.json`.

    Args:
        directory: of the artifact.
        standardized: the graph's name of the standardized digit.
        layers: in order.
    """
    document = {"standardized": standardized, "layers": [asdict(layer) for layer in layers]}
    (directory / LAYERS_FILE).write_text(json.dumps(document, indent=2) + "\n")


def read(directory: Path) -> tuple[str, list[Layer]]:
    """What `write` wrote.

    Raises:
        FileNotFoundError: there is none.
        ArtifactCorrupt: it does not parse.
    """
    path = directory / LAYERS_FILE
    try:
        document = json.loads(path.read_bytes())
        return document["standardized"], [_layer(entry) for entry in document["layers"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactCorrupt(f"{path}: does not describe layers ({error}); restore the file") from error


def _layer(entry: dict[str, Any]) -> Layer:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Layer(**values)  # type: ignore[arg-type]
