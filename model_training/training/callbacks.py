"""What happens during training so that a kill or a Ctrl-C costs nothing."""

from __future__ import annotations

import json
import signal
from types import FrameType
from typing import Any

import keras

from model_training import progress
from model_training.training.run import History, Run


class BestWeights(keras.callbacks.Callback):
    """Keeps the weights of the epoch with the lowest validation loss: those that were validated, averaged or not.

    Comes before SwapEMAWeights in the list, which takes the average out again when the validation is over.
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
    """A bar over every step that is left, at most, with the time it will take; and a line an epoch."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._done = len(history)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        steps, epochs = self.params["steps"], self.params["epochs"]
        self._bar = progress.bar(total=epochs * steps, initial=self._done * steps, unit="step")

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._bar.set_description(f"epoch {epoch + 1} of {self.params['epochs']}")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        values = ", ".join(f"{key} {value:.4f}" for key, value in (logs or {}).items())
        progress.say(f"epoch {epoch + 1} of at most {self.params['epochs']}: {values}")

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._bar.close()


class Dropouts(keras.callbacks.Callback):
    """Makes what each epoch drops out depend on seed and epoch alone; Keras does not save where the generators were."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for index, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([self._seed + index, epoch << 16])


class Patience(keras.callbacks.EarlyStopping):
    """EarlyStopping that remembers, after a resume, how long it has been waiting."""

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
    """After each epoch: the history, then the whole model, each replaced in one step.

    The model's step count says how many epochs are done; a history that is one line ahead of it is cut.
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
    """Turns Ctrl-C into a KeyboardInterrupt between two steps, so that no file is cut short; a second is immediate.

    The first of the callbacks: one that comes while another prepares itself waits for the first step too.
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
