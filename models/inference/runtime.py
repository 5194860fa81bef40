"""The one seam to the inference engine: LiteRT, one thread an interpreter."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit, Digits
from models.preprocessing.mnist_geometry import SIZE

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

NAME = f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')}"
BATCH = 16
"""Digits in one invocation when there are many: up to 22 % less time a digit than one by one, and no less with more."""
MEAN, SCALE = "standardization/mean", "standardization/scale"
"""Names of the two constants in the network by which it standardizes: (x - mean) * scale."""


class Engine:
    """Run a network, in several threads at once if they ask.

    Each thread takes an interpreter that is free, or builds one (0.6 ms), so that no thread waits for another.

    Args:
        network: the bytes of a .tflite file: (n, 28, 28) uint8 grey levels in, logits out.
    """

    def __init__(self, network: bytes) -> None:
        self._network = network
        self._free: dict[int, list[_Runner]] = {1: [], BATCH: []}

    def logits(self, digits: Digits) -> NDArray[np.float32]:
        """Compute the logits before the temperature.

        Args:
            digits: (n, 28, 28) uint8, n >= 1.

        Returns:
            (n, 10) float32; (n, 11) from a network that was trained on non-digits too.
        """
        n = len(digits)
        if n == 1:
            return self._run(1, digits)
        whole = n - n % BATCH
        batches = [self._run(BATCH, digits[start : start + BATCH]) for start in range(0, whole, BATCH)]
        batches += [self._run(1, digits[start : start + 1]) for start in range(whole, n)]
        return np.concatenate(batches)

    def standardization(self) -> tuple[float, float]:
        """Read mean and std, in grey levels, from the network."""
        return standardization(interpreter(self._network, (1, SIZE, SIZE)))

    def _run(self, batch: int, digits: Digits) -> NDArray[np.float32]:
        free = self._free[batch]
        try:
            runner = free.pop()
        except IndexError:
            runner = _Runner(self._network, batch)
        logits = runner.run(digits)
        free.append(runner)
        return logits


class _Runner:
    """An interpreter for one size of batch, and one thread at a time."""

    def __init__(self, network: bytes, batch: int) -> None:
        self._interpreter = interpreter(network, (batch, SIZE, SIZE))
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def run(self, digits: Digits) -> NDArray[np.float32]:
        runner = self._interpreter
        runner.set_tensor(self._input, digits)
        runner.invoke()
        logits: NDArray[np.float32] = runner.get_tensor(self._output)
        return logits


class Probe:
    """Read the values inside a network.

    Args:
        network: the bytes of a .tflite file.
    """

    def __init__(self, network: bytes) -> None:
        from ai_edge_litert.interpreter import OpResolverType

        # Delegates keep no values of their own. The interpreter is slower without them, and as exact.
        self._interpreter = interpreter(
            network,
            (1, SIZE, SIZE),
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._lock = threading.Lock()

    def values(self, digit: Digit, tensors: Iterable[int]) -> dict[int, NDArray[np.float32]]:
        """Run the network on one digit and copy values from it.

        Args:
            digit: (28, 28) uint8.
            tensors: numbers of tensors in the file, of weights too.

        Returns:
            The values by the tensor's number, in the file's layout: channels last, and weights (outputs, h, w, inputs).
        """
        with self._lock:
            self._interpreter.set_tensor(self._input, digit[None])
            self._interpreter.invoke()
            return {tensor: self._interpreter.get_tensor(tensor) for tensor in tensors}


def load_library() -> None:
    """Load LiteRT now, so that processes that are forked later share it."""
    import ai_edge_litert.interpreter  # noqa: F401


def interpreter(network: bytes, shape: tuple[int, ...], **options: Any) -> Interpreter:
    """Build an interpreter of one thread for inputs of that shape."""
    from ai_edge_litert.interpreter import Interpreter  # 10 MiB, which a process without an engine need not have

    built = Interpreter(model_content=network, num_threads=1, **options)
    built.resize_tensor_input(built.get_input_details()[0]["index"], shape)
    with _first_quietly():
        built.allocate_tensors()
    return built


def standardization(built: Interpreter) -> tuple[float, float]:
    """Read mean and std, in grey levels, from the network of an interpreter."""
    indices = {tensor["name"]: tensor["index"] for tensor in built.get_tensor_details()}
    return float(built.get_tensor(indices[MEAN])), 1 / float(built.get_tensor(indices[SCALE]))


_first = threading.Lock()
"""Taken for good by the first interpreter of the process."""


@contextlib.contextmanager
def _first_quietly() -> Iterator[None]:
    """Keep LiteRT's notice about its delegate, which it writes once a process, from standard error."""
    if not _first.acquire(blocking=False):
        yield
        return
    sys.stderr.flush()
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
