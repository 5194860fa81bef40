"""A network taken apart: each layer's shape and where it comes from, its parameters, its multiply-adds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras

Shape = tuple[int, ...]
"""Of one digit's activation: (height, width, channels) or (units,)."""


@dataclass(frozen=True)
class LayerFacts:
    """One layer.

    Attributes:
        name: in the network.
        kind: Keras' class.
        detail: its kernel, activation, rate: whatever makes it this one.
        input: shape of what goes in.
        output: shape of what comes out.
        arithmetic: (n + 2p - m) / s + 1 for a layer that slides a window; otherwise empty.
        parameters: trained or counted numbers that it holds.
        multiply_adds: for one digit; only those of convolutions and dense layers, which are nearly all.
    """

    name: str
    kind: str
    detail: str
    input: Shape
    output: Shape
    arithmetic: str
    parameters: int
    multiply_adds: int


def dissect(network: keras.Sequential) -> list[LayerFacts]:
    """The facts of each layer, in order."""
    return [
        LayerFacts(
            name=layer.name,
            kind=type(layer).__name__,
            detail=_detail(layer),
            input=tuple(layer.input.shape[1:]),
            output=tuple(layer.output.shape[1:]),
            arithmetic=_arithmetic(layer),
            parameters=layer.count_params(),
            multiply_adds=_multiply_adds(layer),
        )
        for layer in network.layers
    ]


def text(shape: Shape) -> str:
    """24 x 24 x 32, with the sign for it."""
    return " × ".join(f"{side:,}" for side in shape)


def _window(layer: keras.layers.Layer) -> tuple[int, int, str] | None:
    """Side m of a layer's window, its stride s, its padding; None where there is no window."""
    side = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    return None if side is None else (side[0], layer.strides[0], layer.padding)


def _arithmetic(layer: keras.layers.Layer) -> str:
    window = _window(layer)
    if window is None:
        return ""
    m, s, padding = window
    n, o = layer.input.shape[1], layer.output.shape[1]
    both = 0 if padding == "valid" else max((o - 1) * s + m - n, 0)  # 2p; TensorFlow pads one side more if it is odd
    exact = (n + both - m) % s == 0
    quotient = f"({n} + {both} − {m}) / {s}"
    return f"{quotient if exact else f'⌊{quotient}⌋'} + 1 = {o}"


def _multiply_adds(layer: keras.layers.Layer) -> int:
    match layer:
        case keras.layers.Conv2D() | keras.layers.Dense():
            positions = math.prod(layer.output.shape[1:-1])
            return positions * math.prod(layer.kernel.shape)
        case keras.layers.DepthwiseConv2D():
            return math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
        case _:
            return 0


def _detail(layer: keras.layers.Layer) -> str:
    words: list[Any] = []
    if window := _window(layer):
        m, s, padding = window
        words += [f"{m} × {m}", f"stride {s}" if s > 1 and s != m else "", "same" if padding == "same" else ""]
    if isinstance(layer, keras.layers.Dropout):
        words.append(f"rate {layer.rate:g}")
    if isinstance(layer, keras.layers.Rescaling):
        words.append(f"× {float(layer.scale):.4g}" + (f" − {-float(layer.offset):.4g}" if layer.offset else ""))
    activation = getattr(layer, "activation", None)
    if activation is not None and activation.__name__ != "linear":
        words.append(activation.__name__)
    return ", ".join(word for word in words if word)
