"""Keras callbacks with which an interrupted training loses nothing, and which show its progress."""

from __future__ import annotations

import json
import signal
from types import FrameType
from typing import Any

import keras

from model_training import progress
from model_training.training.runs import History, Run


class BestWeights(keras.callbacks.Callback):
    """Save the weights with the lowest validation loss, as they were validated: averaged or not.

    Must precede SwapEMAWeights in the list, which takes the averaged weights out when validation ends.
    """

    def __init__(self, run: Run, history: History) -> None:
        super().__init__()
        self._run = run
        self._lowest = min((epoch["val_loss"] for epoch in history), default=float("inf"))

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        loss = (logs or {})["loss"]
        if loss < self._lowest:
            self._lowest = loss
            incoming = self._run.best_weights.with_name("incoming.weights.h5")
            self.model.save_weights(incoming)
            incoming.replace(self._run.best_weights)


class Progress(keras.callbacks.Callback):
    """Advance the bar each step, and print a line each epoch."""

    def __init__(self, bar: progress.Bar) -> None:
        super().__init__()
        self._bar = bar

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._bar.describe(f"epoch {epoch + 1} of {self.params['epochs']}")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._bar.advance()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        values = ", ".join(f"{key} {value:.4f}" for key, value in (logs or {}).items())
        progress.say(f"epoch {epoch + 1} of at most {self.params['epochs']}: {values}")


class DropoutSeeds(keras.callbacks.Callback):
    """Seed dropout by seed and epoch alone, because Keras does not save the state of its generators."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for index, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([self._seed + index, epoch << 16])


class Patience(keras.callbacks.EarlyStopping):
    """Stop early, counting the epochs without improvement from before a resume too."""

    def __init__(self, patience: int, history: History) -> None:
        super().__init__(monitor="val_loss", patience=patience)
        self._history = history

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        if self._history:
            losses = [epoch["val_loss"] for epoch in self._history]
            self.best = min(losses)
            self.wait = len(losses) - 1 - losses.index(self.best)


class Checkpoint(keras.callbacks.Callback):
    """Save after each epoch the history, then the whole model, each by an atomic rename.

    The step count in the model says how many epochs are complete. A kill between the two writes leaves one line too
    many in the history, which a resume drops.
    """

    def __init__(self, run: Run, history: History) -> None:
        super().__init__()
        self._run = run
        self._history = history

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._history.append({key: float(value) for key, value in (logs or {}).items()})
        lines = self._run.history.with_suffix(".incoming")
        lines.write_text("".join(json.dumps(entry) + "\n" for entry in self._history))
        lines.replace(self._run.history)
        whole = self._run.checkpoint.with_name("incoming.keras")
        self.model.save(whole)
        whole.replace(self._run.checkpoint)


class Interrupt(keras.callbacks.Callback):
    """Delay Ctrl-C to the end of a step, so that no file is cut short; a second Ctrl-C interrupts at once.

    Must be the first callback, so that a Ctrl-C while the others start is delayed too.
    """

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._asked = False
        self._before = signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        self._restore()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._asked:
            raise KeyboardInterrupt

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._restore()

    def _restore(self) -> None:
        signal.signal(signal.SIGINT, self._before)
