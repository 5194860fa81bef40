"""One training run's directory: what a kill must not lose."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from model_training.presets import Preset
from models.errors import DigitsError

History = list[dict[str, float]]
"""One entry an epoch: loss, accuracy, val_loss, val_accuracy."""


class RunError(DigitsError):
    """There is no run to resume, or it is another preset's."""


@dataclass(frozen=True)
class Run:
    """`runs/<time>-<preset>/`, in which everything but the published version lies.

    Attributes:
        directory: of this run.
        resumed: whether it continues an interrupted one.
    """

    directory: Path
    resumed: bool

    @property
    def checkpoint(self) -> Path:
        """The whole model with its optimizer, after the last complete epoch."""
        return self.directory / "last.keras"

    @property
    def best_weights(self) -> Path:
        """The weights alone, of the epoch with the lowest validation loss."""
        return self.directory / "best.weights.h5"

    @property
    def history(self) -> Path:
        """One JSON line an epoch: loss and accuracy of training and validation."""
        return self.directory / "history.jsonl"

    @property
    def tensorboard(self) -> Path:
        return self.directory / "tensorboard"

    @property
    def artifact(self) -> Path:
        """What is published; a run that has it is over."""
        return self.directory / "artifact"


def start(root: Path, preset: Preset, seed: int, extra: Sequence[Path] = ()) -> Run:
    """Make a directory for a new run of a preset with a seed, on MNIST and the extra data named."""
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S")
    directory = next(
        path
        for n in range(1000)
        if not (path := root / (f"{stamp}-{preset.name}" + (f"-{n}" if n else ""))).exists()
    )  # fmt: skip
    directory.mkdir(parents=True)
    (directory / "run.json").write_text(json.dumps(_settings(preset, seed, extra), indent=2) + "\n")
    return Run(directory, resumed=False)


def resume(root: Path, preset: Preset, seed: int, extra: Sequence[Path] = ()) -> Run:
    """Find the newest unfinished run of this preset, seed and extra data.

    Raises:
        RunError: there is none.
    """
    for settings in sorted(root.glob("*/run.json"), reverse=True):
        run = Run(settings.parent, resumed=True)
        unfinished = run.checkpoint.exists() and not run.artifact.exists()
        if unfinished and json.loads(settings.read_bytes()) == _settings(preset, seed, extra):
            return run
    raise RunError(
        f"{root}: no unfinished run of preset {preset.name} with seed {seed}, the same extra data and an epoch "
        "behind it; "
        "leave out --resume to start one"
    )


def _settings(preset: Preset, seed: int, extra: Sequence[Path]) -> dict[str, object]:
    extra = sorted(str(path.resolve()) for path in extra)
    return {"preset": json.loads(json.dumps(asdict(preset))), "seed": seed, "extra": extra}
