"""What "look inside" shows, as JSON: the values of every layer for one digit, and the filters behind them."""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit, Drawing
from models.errors import MalformedRequest
from models.inference.digit_model import DigitModel
from models.preprocessing.canonicalize import steps

DECIMALS = 3
WEIGHT_DECIMALS = 4
"""More than DECIMALS, since weights are small and the page adds up hundreds of products with them."""
LONGEST_SIDE = 160
"""Pixels of the longest side of the picture of a step."""
STRONGEST = 10
"""Number of neurons that are described with their weights."""


def explain(model: DigitModel, digit: Digit, drawing: Drawing) -> dict[str, Any]:
    """Describe how the model came to its answer about a digit.

    Args:
        model: the one that answered.
        digit: (28, 28) uint8, canonical.
        drawing: (h, w) uint8, from which the digit was made.

    Raises:
        MalformedRequest: this version does not describe its layers.
    """
    explanation = model.explain(digit)
    if explanation is None:
        raise _not_described(model)
    influence = np.abs(explanation.neurons * np.ptp(explanation.neuron_weights, axis=1))
    strongest = np.argsort(-influence, kind="stable")[:STRONGEST]
    return {
        "steps": [{"name": name, "image": data_url(_shrink(picture))} for name, picture in steps(drawing).items()],
        "standardized": _round(explanation.standardized),
        "saliency": _round(explanation.saliency),
        "layers": [
            {
                "kind": layer.kind,
                "operators": layer.operators,
                "source": layer.source,
                "kernel": layer.kernel,
                "strides": layer.strides,
                "pads": layer.pads,
                "groups": layer.groups,
                "shape": values.shape,
                "values": _round(values),
            }
            for layer, values in explanation.layers
        ],
        "neurons": [
            {
                "index": int(i),
                "value": round(float(explanation.neurons[i]), DECIMALS),
                "weights": _round(explanation.neuron_weights[i], WEIGHT_DECIMALS),
            }
            for i in strongest
        ],
    }


def weights(model: DigitModel, layer: int) -> dict[str, Any] | None:
    """Describe the filters of a convolution; None if the layer is not one.

    Args:
        model: whose layers they are.
        layer: index among the layers of an explanation.

    Raises:
        MalformedRequest: this version does not describe its layers.
    """
    convolutions = model.convolutions()
    if convolutions is None:
        raise _not_described(model)
    for i, filters, bias in convolutions:
        if i == layer:
            return {
                "name": model.contract.name,
                "version": model.version,
                "layer": layer,
                "weights": _round(filters, WEIGHT_DECIMALS),
                "bias": _round(bias, WEIGHT_DECIMALS),
            }
    return None


def data_url(picture: Drawing) -> str:
    """Encode a picture as the data URL of a PNG."""
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", picture)[1]).decode()


def _not_described(model: DigitModel) -> MalformedRequest:
    detail = f"Version {model.version} does not say what its layers are; ask without explain, or serve a newer one."
    return MalformedRequest("cannot_explain", detail)


def _shrink(picture: Drawing) -> Drawing:
    """Scale a picture down to LONGEST_SIDE."""
    scale = LONGEST_SIDE / max(picture.shape)
    if scale >= 1:
        return picture
    height, width = (max(round(side * scale), 1) for side in picture.shape)
    smaller: Drawing = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return smaller


def _round(values: NDArray[np.float32], decimals: int = DECIMALS) -> Any:
    """Return nested lists of rounded numbers."""
    return np.round(values.astype(np.float64), decimals).tolist()
