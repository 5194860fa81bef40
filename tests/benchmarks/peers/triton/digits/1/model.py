"""Triton's Python backend: the requests that the dynamic batcher put together are run as one batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import triton_python_backend_utils as triton
from digit_network import OnnxNetwork


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        self.network = OnnxNetwork()

    def execute(self, requests: list[Any]) -> list[Any]:
        digits = [triton.get_input_tensor_by_name(request, "image").as_numpy() for request in requests]
        probabilities = self.network(np.concatenate(digits))
        ends = np.cumsum([len(part) for part in digits])[:-1]
        return [
            triton.InferenceResponse([triton.Tensor("probabilities", part)]) for part in np.split(probabilities, ends)
        ]
