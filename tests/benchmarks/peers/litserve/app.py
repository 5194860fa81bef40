"""LitServe: a JSON request holds the PNG as base64; batches form in front of two inference workers."""

from __future__ import annotations

import base64
import os
from typing import Any

import litserve
import numpy as np
from digit_network import OnnxNetwork, answer, read_digit
from numpy.typing import NDArray


class DigitAPI(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.network = OnnxNetwork()

    def decode_request(self, request: dict[str, str]) -> NDArray[np.uint8]:
        return read_digit(base64.b64decode(request["image"]))

    def batch(self, inputs: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        return np.stack(inputs)

    def predict(self, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self.network(digits)

    def unbatch(self, output: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return list(output)

    def encode_response(self, output: NDArray[np.float32]) -> dict[str, Any]:
        return answer(output)


if __name__ == "__main__":
    workers = int(os.environ["WORKERS"])
    server = litserve.LitServer(
        DigitAPI(max_batch_size=8, batch_timeout=0.001), accelerator="cpu", workers_per_device=workers, fast_queue=True
    )
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", generate_client_file=False)
