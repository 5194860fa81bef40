"""Write a page that follows one image through a model: the image, its canonical digit, each layer, the answer."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.evaluation import metrics
from model_training.reports import feature_maps, layer_summary, page, png
from models.inference.digit_model import Predictions


def write(
    file: Path, artifact: Path, name: str, grey: NDArray[np.uint8], digit: NDArray[np.uint8], predictions: Predictions
) -> None:
    """Write the page, which holds its images.

    Args:
        file: to write.
        artifact: the model's directory.
        name: of the image.
        grey: (h, w) uint8 grey levels of the image.
        digit: (28, 28) uint8, canonical.
        predictions: of this one digit.
    """
    network = keras.saving.load_model(artifact / "network.keras")
    layers = layer_summary.summarize(network)
    maps = feature_maps.maps(network, digit[None])
    files = {"image.png": png.grey(grey), "digit.png": png.ink(digit)}
    files |= {f"{layer}.png": png.activation(feature_maps.map_sheet(maps[layer][0])) for layer in maps}
    html = page.render(
        "inspection.html", files, name=name, size=(grey.shape[1], grey.shape[0]), model=predictions.model,
        probabilities=predictions.probabilities[0].tolist(), digit_score=float(predictions.digit_score[0]),
        accepted=not metrics.refused(predictions)[0], maps=[layer for layer in layers if layer.name in maps],
        shape=layer_summary.shape_text,
    )  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    incoming = file.with_name(f".{file.name}")
    incoming.write_text(html)
    incoming.replace(file)
