"""Find the layers that a person would name in a .tflite file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from tensorflow.lite.python import schema_py_generated as schema

from models.inference import layers
from models.inference.layers import Layer, Layers

STANDARDIZED = b"standardization/standardized"
CONVOLUTIONS = {"CONV_2D": "Conv", "DEPTHWISE_CONV_2D": "DepthwiseConv"}
POOLINGS = {"MAX_POOL_2D": "MaxPool", "AVERAGE_POOL_2D": "AveragePool", "MEAN": "GlobalAveragePool"}
DENSE = {"FULLY_CONNECTED": "Gemm"}
ELEMENTWISE = {
    "ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div", "RELU": "Relu", "RELU6": "Relu6",
    "LEAKY_RELU": "LeakyRelu", "PRELU": "PRelu", "ELU": "Elu", "GELU": "Gelu", "HARD_SWISH": "HardSwish",
    "LOGISTIC": "Sigmoid", "TANH": "Tanh",
}  # fmt: skip
"""Operators on each value by itself; they belong to the layer before. Their names are ONNX's, as in `layers.json`."""
LAYERS = CONVOLUTIONS | POOLINGS | DENSE
OPERATORS = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
ACTIVATIONS = {1: "Relu", 3: "Relu6", 4: "Tanh"}
"""Of schema.ActivationFunctionType: what an operator of the engine does to its own output."""
SAME = 0


class Node(NamedTuple):
    """One operator of the graph."""

    name: str
    inputs: list[int]
    output: int
    options: Any

    @property
    def activation(self) -> str | None:
        """The activation that the engine fused into the operator."""
        return ACTIVATIONS.get(getattr(self.options, "fusedActivationFunction", 0))


class LayerFinder:
    """Find the layers of a network.

    Args:
        network: the bytes of a float32 .tflite file, as `litert.convert` returns it.
    """

    def __init__(self, network: bytes) -> None:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(network))
        (graph,) = model.subgraphs
        self._names = [tensor.name for tensor in graph.tensors]
        self._shapes = [tensor.shape.tolist() for tensor in graph.tensors]
        self._constants = {i for i, tensor in enumerate(graph.tensors) if model.buffers[tensor.buffer].data is not None}
        codes = [OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in model.operatorCodes]
        self._nodes = [
            Node(codes[node.opcodeIndex], node.inputs.tolist(), int(node.outputs[0]), node.builtinOptions)
            for node in graph.operators
        ]
        self._maker = {node.output: node for node in self._nodes}

    def layers(self) -> Layers:
        """Find the layers, in the order in which they are computed."""
        found: list[Layer] = []
        for node in self._nodes:
            if node.name in LAYERS:
                found.append(self._layer(node, found))
        return Layers(self._names.index(STANDARDIZED), found)

    def _layer(self, node: Node, before: list[Layer]) -> Layer:
        followers = self._followers(node)
        weighted = node.name not in POOLINGS
        about: dict[str, Any] = {
            "operators": self._operators(node, followers),
            "source": self._source(node.inputs[0], before),
            "input": node.inputs[0],
            "output": [node, *followers][-1].output,
            "weights": node.inputs[1] if weighted else None,
            "bias": node.inputs[2] if weighted and len(node.inputs) > 2 and node.inputs[2] >= 0 else None,
        }
        if node.name in DENSE:
            return Layer("dense", **about)
        if node.name == "MEAN":
            return Layer("pooling", **about, kernel=(0, 0))
        options = node.options
        strides = (options.strideH, options.strideW)
        channels = self._shapes[node.inputs[0]][3]
        groups = 1
        if weighted:
            weights = self._shapes[node.inputs[1]]
            kernel = (weights[1], weights[2])
            groups = channels if node.name == "DEPTHWISE_CONV_2D" else channels // weights[3]
        else:
            kernel = (options.filterHeight, options.filterWidth)
        kind = "convolution" if weighted else "pooling"
        pads = self._pads(node, kernel, strides)
        return Layer(kind, **about, kernel=kernel, strides=strides, pads=pads, groups=groups)

    @staticmethod
    def _operators(node: Node, followers: list[Node]) -> tuple[str, ...]:
        names: list[str] = []
        for one in (node, *followers):
            names.append((LAYERS | ELEMENTWISE)[one.name])
            if one.activation:
                names.append(one.activation)
        return tuple(names)

    def _followers(self, node: Node) -> list[Node]:
        """List the elementwise operators between this one and the next layer."""
        followers: list[Node] = []
        while True:
            tensor = (followers[-1] if followers else node).output
            readers = [reader for reader in self._nodes if tensor in reader.inputs]
            if len(readers) != 1 or readers[0].name not in ELEMENTWISE:
                return followers
            if any(other not in self._constants for other in readers[0].inputs if other != tensor):
                return followers  # two branches meet
            followers.append(readers[0])

    def _source(self, tensor: int, before: list[Layer]) -> int | None:
        """Find the layer that a tensor comes from, through operators that only rearrange or add."""
        outputs = [layer.output for layer in before]
        while tensor not in outputs:
            maker = self._maker.get(tensor)
            if maker is None or self._names[tensor] == STANDARDIZED:
                return None
            tensor = next(other for other in maker.inputs if other not in self._constants)
        return outputs.index(tensor)

    def _pads(self, node: Node, kernel: tuple[int, int], strides: tuple[int, int]) -> tuple[int, ...]:
        if node.options.padding != SAME:
            return (0, 0, 0, 0)
        sizes = self._shapes[node.inputs[0]][1:3]
        totals = [max((-(-size // s) - 1) * s + k - size, 0) for size, k, s in zip(sizes, kernel, strides, strict=True)]
        less = [total // 2 for total in totals]
        return (*less, *(total - half for total, half in zip(totals, less, strict=True)))


def describe(directory: Path, network: bytes) -> None:
    """Write `layers.json` for a float32 network into the directory of its artifact."""
    layers.write(directory, LayerFinder(network).layers())
