"""An ONNX graph -> the layers that a person would name in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
from onnx import helper

from models.inference import layers
from models.inference.layers import Layer

STANDARDIZED_BY = "Div"
POOLING = {"MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "ReduceMean"}
DENSE = {"MatMul", "Gemm"}
ELEMENTWISE = {
    "Add", "Sub", "Mul", "Div", "BatchNormalization", "Identity", "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Gelu",
    "HardSwish", "HardSigmoid", "Sigmoid", "Softplus", "Tanh", "Clip",
}  # fmt: skip
"""What is done to each value by itself; it belongs to the layer before."""


class LayerFinder:
    """Finds the layers of a graph.

    Args:
        network: as `export.write_onnx` writes it.
    """

    def __init__(self, network: onnx.ModelProto) -> None:
        graph = onnx.shape_inference.infer_shapes(network).graph
        self._nodes = graph.node
        self._constants = {tensor.name for tensor in graph.initializer}
        self._outputs = {output.name for output in graph.output}
        self._maker = {name: node for node in graph.node for name in node.output}
        self._shapes = {
            value.name: [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
            for value in graph.value_info
        }

    @property
    def standardized(self) -> str:
        """The graph's name of the standardized digit."""
        return next(node.output[0] for node in self._nodes if node.op_type == STANDARDIZED_BY)

    def layers(self) -> list[Layer]:
        """In the order in which they are computed."""
        found: list[Layer] = []
        for node in self._nodes:
            if node.op_type == "Conv" or node.op_type in POOLING or self._is_dense(node):
                found.append(self._layer(node, found))
        return found

    def _is_dense(self, node: onnx.NodeProto) -> bool:
        return node.op_type in DENSE and node.input[1] in self._constants

    def _layer(self, node: onnx.NodeProto, before: list[Layer]) -> Layer:
        followers = self._followers(node)
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        weights = node.input[1] if node.op_type not in POOLING else None
        about = {
            "operators": tuple(item.op_type for item in [node, *followers]),
            "source": self._source(node.input[0], before),
            "input": node.input[0],
            "output": [node, *followers][-1].output[0],
            "weights": weights,
            "bias": self._bias(node, followers),
        }
        if self._is_dense(node):
            return Layer("dense", **about)
        kernel = tuple(attributes.get("kernel_shape", (0, 0)))
        strides = tuple(attributes.get("strides", (1, 1)))
        return Layer(
            "convolution" if weights else "pooling",
            **about,
            kernel=kernel,
            strides=strides,
            pads=self._pads(node, attributes, kernel, strides),
            groups=attributes.get("group", 1),
        )

    def _followers(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        """The elementwise nodes between this one and the next layer."""
        followers: list[onnx.NodeProto] = []
        while (tensor := (followers[-1] if followers else node).output[0]) not in self._outputs:
            readers = [reader for reader in self._nodes if tensor in reader.input]
            if len(readers) != 1 or readers[0].op_type not in ELEMENTWISE:
                break
            if any(name not in self._constants for name in readers[0].input if name != tensor):
                break  # two branches meet
            followers.append(readers[0])
        return followers

    def _bias(self, node: onnx.NodeProto, followers: list[onnx.NodeProto]) -> str | None:
        if node.op_type not in POOLING and len(node.input) > 2:
            return node.input[2]
        if self._is_dense(node) and followers and followers[0].op_type == "Add":
            return next(name for name in followers[0].input if name in self._constants)
        return None

    def _source(self, tensor: str, before: list[Layer]) -> int | None:
        """Which layer's output this comes from, through whatever only rearranges or adds it."""
        outputs = [layer.output for layer in before]
        while tensor not in outputs:
            maker = self._maker.get(tensor)
            if maker is None or tensor == self.standardized:
                return None
            tensor = next(name for name in maker.input if name not in self._constants)
        return outputs.index(tensor)

    def _pads(
        self, node: onnx.NodeProto, attributes: dict[str, Any], kernel: tuple[int, ...], strides: tuple[int, ...]
    ) -> tuple[int, ...]:
        if not attributes.get("auto_pad", b"NOTSET").startswith(b"SAME"):
            return tuple(attributes.get("pads", (0, 0, 0, 0)))
        sizes = self._shapes[node.input[0]][-2:]
        totals = [max((-(-size // s) - 1) * s + k - size, 0) for size, k, s in zip(sizes, kernel, strides, strict=True)]
        less = [total // 2 for total in totals]
        more = [total - half for total, half in zip(totals, less, strict=True)]
        upper = attributes["auto_pad"] == b"SAME_UPPER"
        return (*less, *more) if upper else (*more, *less)


def describe(directory: Path, network: str) -> None:
    """Write `layers.json` beside the network of that file name."""
    finder = LayerFinder(onnx.load(directory / network))
    layers.write(directory, finder.standardized, finder.layers())
