"""Run one exported file in a process of its own: `python -m model_training.export.verification FORMAT PATH DIGITS OUT`.

DIGITS is a NumPy file of (n, 28, 28) uint8; OUT becomes one of (n, 10) float32 probabilities. The process has nothing
but the exported file, like the programs that the file is for.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import DigitsError

Digits = NDArray[np.uint8]
Probabilities = NDArray[np.float32]

SECONDS = 300
"""After which a format counts as broken."""


class ReloadError(DigitsError):
    """An exported file cannot be loaded again."""


def ask(format: str, path: Path, digits: Digits) -> Probabilities:  # noqa: A002, the field's word
    """Load an exported file in a process of its own and classify.

    Args:
        format: a key of READERS.
        path: of the exported file or folder.
        digits: (n, 28, 28) uint8.

    Raises:
        ReloadError: the process failed; its last line is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="digits-") as scratch:
        given, out = Path(scratch) / "digits.npy", Path(scratch) / "probabilities.npy"
        np.save(given, digits)
        command = [sys.executable, "-m", __name__, format, str(path.resolve()), str(given), str(out)]
        ended = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=SECONDS)
        if ended.returncode:
            words = ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"]
            raise ReloadError(f"{path}: cannot be loaded again as {format}: {words[-1]}")
        return np.load(out)


def from_keras(path: Path, digits: Digits) -> Probabilities:
    """Load the whole model."""
    import keras

    return keras.saving.load_model(path).predict(digits, verbose=0)


def from_weights(path: Path, digits: Digits) -> Probabilities:
    """Load the weights into a network that is built from the architecture beside them."""
    import keras

    network = keras.models.model_from_json(path.with_name("network.json").read_text())
    network.load_weights(path)
    return network.predict(digits, verbose=0)


def from_saved_model(path: Path, digits: Digits) -> Probabilities:
    """Load with TensorFlow, and call the signature that TensorFlow Serving calls by default."""
    import tensorflow as tf

    signature = tf.saved_model.load(str(path)).signatures["serving_default"]
    return signature(image=tf.constant(digits))["probabilities"].numpy()


def from_saved_model_png(path: Path, digits: Digits) -> Probabilities:
    """Load with TensorFlow, and call the signature that takes PNG files."""
    import tensorflow as tf

    files = [cv2.imencode(".png", digit)[1].tobytes() for digit in digits]
    signature = tf.saved_model.load(str(path)).signatures["png"]
    return signature(image_bytes=tf.constant(files))["probabilities"].numpy()


def from_onnx(path: Path, digits: Digits) -> Probabilities:
    """Run by ONNX's reference implementation."""
    from onnx.reference import ReferenceEvaluator

    (probabilities,) = ReferenceEvaluator(str(path)).run(["probabilities"], {"digits": digits})
    return probabilities


def from_litert(path: Path, digits: Digits) -> Probabilities:
    """Run by LiteRT, which needs no TensorFlow."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], digits.shape)
    interpreter.allocate_tensors()
    return interpreter.get_signature_runner("serving_default")(image=digits)["probabilities"]


READERS: dict[str, Callable[[Path, Digits], Probabilities]] = {
    "keras": from_keras,
    "weights": from_weights,
    "saved_model": from_saved_model,
    "saved_model_png": from_saved_model_png,
    "onnx": from_onnx,
    "litert": from_litert,
}


if __name__ == "__main__":
    kind, path, given, out = sys.argv[1:]
    np.save(out, READERS[kind](Path(path), np.load(given)))
