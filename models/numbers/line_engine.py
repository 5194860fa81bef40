"""Run the reader's network on strips of any width."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.inference import runtime
from models.numbers.ctc import STRIDE
from models.numbers.strips import BUCKET, HEIGHT, Strip, padded

KEPT_WIDTH = 1024
"""Pixels. Interpreters for wider strips are built for each, since their memory grows with the width."""


class LineEngine:
    """Run a network, in several threads at once if they ask.

    Widths are rounded up to multiples of BUCKET, and interpreters are kept by width: preparing one takes as long as
    reading a few lines.

    Args:
        network: the bytes of a .tflite file: (1, HEIGHT, w) uint8 in, (1, w / STRIDE, CLASSES) float32 logits out.
    """

    def __init__(self, network: bytes) -> None:
        self._network = network
        self._free: dict[int, list[Any]] = {width: [] for width in range(BUCKET, KEPT_WIDTH + 1, BUCKET)}

    def logits(self, strip: Strip) -> NDArray[np.float32]:
        """Compute the logits of each column of a strip.

        Args:
            strip: (HEIGHT, w) uint8, w >= 1.

        Returns:
            (columns, CLASSES) float32; a column is STRIDE pixels wide.
        """
        wide = padded(strip)
        free = self._free.get(wide.shape[1], [])
        try:
            interpreter = free.pop()
        except IndexError:
            interpreter = runtime.interpreter(self._network, (1, HEIGHT, wide.shape[1]))
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], wide[None])
        interpreter.invoke()
        logits: NDArray[np.float32] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
        free.append(interpreter)
        return logits[: -(-strip.shape[1] // STRIDE)]

    def standardization(self) -> tuple[float, float]:
        """Read mean and std, in grey levels, from the network."""
        return runtime.standardization(runtime.interpreter(self._network, (1, HEIGHT, BUCKET)))
