"""What "look inside" shows, as JSON: the values of every layer for one digit, and the filters that made them."""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import MalformedRequest
from models.inference.digit_model import DigitModel
from models.preprocessing.canonicalize import steps
from models.preprocessing.mnist_geometry import Digit
from models.preprocessing.polarity import Drawing

DECIMALS = 3
WEIGHT_DECIMALS = 4
"""More, since weights are small and the page adds up hundreds of products with them."""
SHOWN = 160
"""Pixels of the longest side of what is shown of a step."""
STRONGEST = 10
"""Neurons that are told with their weights."""


def explanation(model: DigitModel, digit: Digit, drawing: Drawing) -> dict[str, Any]:
    """How the model came to its answer about a digit.

    Args:
        model: that answered.
        digit: (28, 28) uint8, canonical.
        drawing: (h, w) uint8, that it was made of.

    Raises:
        MalformedRequest: this version cannot be looked into.
    """
    found = model.explain(digit)
    if found is None:
        raise _opaque(model)
    strongest = np.argsort(-np.abs(found.neurons * np.ptp(found.neuron_weights, axis=1)), kind="stable")[:STRONGEST]
    return {
        "steps": [{"name": name, "image": data_url(_small(picture))} for name, picture in steps(drawing).items()],
        "standardized": _numbers(found.standardized),
        "saliency": _numbers(found.saliency),
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
                "values": _numbers(values),
            }
            for layer, values in found.layers
        ],
        "neurons": [
            {
                "index": int(i),
                "value": round(float(found.neurons[i]), DECIMALS),
                "weights": _numbers(found.neuron_weights[i], WEIGHT_DECIMALS),
            }
            for i in strongest
        ],
    }


def weights(model: DigitModel, layer: int) -> dict[str, Any] | None:
    """The filters of one convolution; None: the layer is none.

    Args:
        model: whose they are.
        layer: its index among the layers of an explanation.

    Raises:
        MalformedRequest: this version cannot be looked into.
    """
    convolutions = model.convolutions()
    if convolutions is None:
        raise _opaque(model)
    for i, filters, bias in convolutions:
        if i == layer:
            return {
                "name": model.contract.name,
                "version": model.version,
                "layer": layer,
                "weights": _numbers(filters, WEIGHT_DECIMALS),
                "bias": _numbers(bias, WEIGHT_DECIMALS),
            }
    return None


def _opaque(model: DigitModel) -> MalformedRequest:
    detail = f"Version {model.version} does not say what its layers are; ask without explain, or serve a newer one."
    return MalformedRequest("cannot_explain", detail)


def data_url(picture: Drawing) -> str:
    """A PNG of it."""
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", picture)[1]).decode()


def _small(picture: Drawing) -> Drawing:
    """At most SHOWN pixels on each side."""
    shrink = SHOWN / max(picture.shape)
    if shrink >= 1:
        return picture
    smaller: Drawing = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return smaller


def _numbers(values: NDArray[np.float32], decimals: int = DECIMALS) -> Any:
    """Nested lists, rounded as numbers that people read are."""
    return np.round(values.astype(np.float64), decimals).tolist()
