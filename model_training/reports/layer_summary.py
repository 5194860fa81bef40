"""Summarize a network layer by layer: shapes and their arithmetic, parameters, multiply-adds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras

Shape = tuple[int, ...]
"""Of the activation of one digit: (height, width, channels) or (units,)."""


@dataclass(frozen=True)
class LayerSummary:
    """The facts of one layer.

    Attributes:
        name: in the network.
        kind: Keras' class.
        detail: its settings: kernel, activation, rate.
        input: shape.
        output: shape.
        arithmetic: (n + 2p - m) / s + 1 for a layer that slides a window; otherwise empty.
        parameters: how many, trained or not.
        multiply_adds: for one digit, in convolutions and dense layers; the other layers have hardly any.
    """

    name: str
    kind: str
    detail: str
    input: Shape
    output: Shape
    arithmetic: str
    parameters: int
    multiply_adds: int


def summarize(network: keras.Sequential) -> list[LayerSummary]:
    """Summarize each layer, in order."""
    return [
        LayerSummary(
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


def shape_text(shape: Shape) -> str:
    """Format a shape with multiplication signs, like 24 × 24 × 32."""
    return " × ".join(f"{side:,}" for side in shape)


def _window(layer: keras.layers.Layer) -> tuple[int, int, str] | None:
    """Return the side m of a layer's window, its stride s and its padding; None for a layer without a window."""
    side = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    return None if side is None else (side[0], layer.strides[0], layer.padding)


def _arithmetic(layer: keras.layers.Layer) -> str:
    window = _window(layer)
    if window is None:
        return ""
    m, s, padding = window
    n, o = layer.input.shape[1], layer.output.shape[1]
    both = 0 if padding == "valid" else max((o - 1) * s + m - n, 0)  # 2p; if it is odd, TensorFlow pads one side more
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
