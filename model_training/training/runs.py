"""The directory of a training run, with all that a kill must not lose."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from model_training.presets import Preset, ReaderPreset
from models.errors import DigitsError

History = list[dict[str, float]]
"""One entry an epoch: loss, accuracy, val_loss, val_accuracy."""


def best_epoch(history: History) -> int:
    """Return the index of the epoch with the lowest validation loss, the first of several."""
    return min(range(len(history)), key=lambda epoch: history[epoch]["val_loss"])


class RunError(DigitsError):
    """No run can be resumed."""


@dataclass(frozen=True)
class Run:
    """One training run; its directory `runs/<time>-<preset>/` holds everything but the published version.

    Attributes:
        directory: of this run.
        preset: what it trains.
        seed: of weights, dropout, order and augmentation.
        resumed: whether it continues an interrupted run.
    """

    directory: Path
    preset: Preset | ReaderPreset
    seed: int
    resumed: bool = False

    @property
    def checkpoint(self) -> Path:
        """The whole model with its optimizer, after the last complete epoch."""
        return self.directory / "last.keras"

    @property
    def best_weights(self) -> Path:
        """The weights of the epoch with the lowest validation loss."""
        return self.directory / "best.weights.h5"

    @property
    def history(self) -> Path:
        """One JSON line an epoch, as in History."""
        return self.directory / "history.jsonl"

    @property
    def tensorboard(self) -> Path:
        return self.directory / "tensorboard"

    @property
    def artifact(self) -> Path:
        """The artifact to publish; it exists once the run has ended."""
        return self.directory / "artifact"


def start(root: Path, preset: Preset | ReaderPreset, seed: int, extra: Sequence[Path] = ()) -> Run:
    """Create the directory of a new run; `extra` names handwriting to train on beside MNIST."""
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S")
    root.mkdir(parents=True, exist_ok=True)
    for n in itertools.count():
        directory = root / (f"{stamp}-{preset.name}" + (f"-{n}" if n else ""))
        with contextlib.suppress(FileExistsError):  # of another training that began in this second
            directory.mkdir()
            break
    (directory / "run.json").write_text(json.dumps(_settings(preset, seed, extra), indent=2) + "\n")
    return Run(directory, preset, seed)


def resume(root: Path, preset: Preset | ReaderPreset, seed: int, extra: Sequence[Path] = ()) -> Run:
    """Find the newest unfinished run of this preset, seed and extra data.

    Raises:
        RunError: there is none.
    """
    for settings in sorted(root.glob("*/run.json"), reverse=True):
        run = Run(settings.parent, preset, seed, resumed=True)
        unfinished = run.checkpoint.exists() and not run.artifact.exists()
        if unfinished and json.loads(settings.read_bytes()) == _settings(preset, seed, extra):
            return run
    raise RunError(
        f"{root}: no unfinished run of preset {preset.name} with seed {seed}, the same extra data and at least one "
        "complete epoch; leave out --resume to start one"
    )


def _settings(preset: Preset | ReaderPreset, seed: int, extra: Sequence[Path]) -> dict[str, object]:
    extra = sorted(str(path.resolve()) for path in extra)
    return {"preset": json.loads(json.dumps(asdict(preset))), "seed": seed, "extra": extra}
