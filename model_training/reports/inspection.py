"""One image's way through a model, as a page: the image, the digit made of it, each layer, the answer."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.reports import anatomy, features, templates, images
from model_training.evaluation import metrics
from models.inference.digit_model import Predictions


def write(
    file: Path, artifact: Path, name: str, grey: NDArray[np.uint8], digit: NDArray[np.uint8], predictions: Predictions
) -> None:
    """Write the page, which holds its pictures.

    Args:
        file: to write.
        artifact: the model's directory.
        name: of the image.
        grey: (h, w) uint8 grey levels of the image.
        digit: (28, 28) uint8, canonical.
        predictions: what the model says of it.
    """
    network = keras.saving.load_model(artifact / "network.keras")
    layers = anatomy.dissect(network)
    maps = features.maps(network, digit[None])
    files = {"image.png": images.grey(grey), "digit.png": images.ink(digit)}
    files |= {f"{layer}.png": images.strength(features.map_sheet(maps[layer][0])) for layer in maps}
    page = templates.render(
        "journey.html", files, name=name, size=(grey.shape[1], grey.shape[0]), model=predictions.model,
        probabilities=predictions.probabilities[0].tolist(), digit_score=float(predictions.digit_score[0]),
        accepted=not metrics.refused(predictions)[0], maps=[layer for layer in layers if layer.name in maps],
        shape=anatomy.text,
    )  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    incoming = file.with_name(f".{file.name}")
    incoming.write_text(page)
    incoming.replace(file)
