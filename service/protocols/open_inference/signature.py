"""What a model takes and gives by the protocol, and what of it a request asks for."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict

from numpy.typing import NDArray

INPUT = "image"
HEADER_LENGTH = "Inference-Header-Content-Length"

Values = NDArray[Any] | list[str]
"""Of an output: numbers, or text."""


class Tensor(NamedTuple):
    """An output of a model.

    Attributes:
        datatype: such as FP32.
        shape: -1 for the number of images.
        config_type: the same type in a model's configuration.
    """

    datatype: str
    shape: list[int]
    config_type: str


class Signature(NamedTuple):
    """What a model takes and gives.

    Attributes:
        model: its name.
        datatype: of the input, beside BYTES.
        shape: of the input.
        outputs: by their names.
        classified: the output of which the best classes may be asked; empty for none.
    """

    model: str
    datatype: str
    shape: list[int]
    outputs: dict[str, Tensor]
    classified: str = ""


class Output(TypedDict):
    """An output that a request asks for.

    Attributes:
        name: of the signature's outputs.
        binary: whether its values follow the JSON as bytes.
        classes: number of best classes to answer as "probability:index:label"; 0 for the tensor.
    """

    name: str
    binary: bool
    classes: int


class Options(TypedDict):
    """What the response must hold."""

    id: str | None
    outputs: list[Output]
