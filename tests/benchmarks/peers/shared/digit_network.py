"""Decode a PNG and run the network, the same in every peer. The runner puts this folder on each peer's path."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = 28


def read_digit(png: bytes) -> NDArray[np.uint8]:
    """Decode and resize, as a service without canonicalization does.

    Returns:
        (28, 28) uint8; 0 background, 255 ink.
    """
    return shrink(Image.open(io.BytesIO(png)))


def shrink(image: Image.Image) -> NDArray[np.uint8]:
    """Resize an image to grey 28x28, inverted to white on black if its corner is light.

    Returns:
        (28, 28) uint8; 0 background, 255 ink.
    """
    pixels = np.asarray(image.convert("L").resize((SIZE, SIZE)))
    return 255 - pixels if pixels[0, 0] > 127 else pixels


def answer(probabilities: NDArray[np.float32]) -> dict[str, Any]:
    """Build the response for one digit.

    Args:
        probabilities: (10,) float32.
    """
    return {"digit": int(probabilities.argmax()), "probabilities": probabilities.tolist()}


class OnnxNetwork:
    """The network as an ONNX file; one thread a process, as in the service."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(os.environ["NETWORK"], options, providers=["CPUExecutionProvider"])

    def __call__(self, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Classify (n, 28, 28) uint8 digits: (n, 10) float32 probabilities."""
        (probabilities,) = self._session.run(["probabilities"], {"digits": digits})
        return probabilities
