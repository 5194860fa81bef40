"""BentoML with adaptive batching: a form holds the PNG as a file."""

from __future__ import annotations

import os
from typing import Any

import bentoml
import numpy as np
from digit_network import OnnxNetwork, answer, shrink
from PIL import Image


@bentoml.service(workers=int(os.environ["WORKERS"]), logging={"access": {"enabled": False}})
class Digits:
    def __init__(self) -> None:
        self.network = OnnxNetwork()

    @bentoml.api(batchable=True, max_batch_size=32, max_latency_ms=1000)
    def predict(self, images: list[Image.Image]) -> list[dict[str, Any]]:
        return [answer(row) for row in self.network(np.stack([shrink(image) for image in images]))]
