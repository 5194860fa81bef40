"""What a training run does, as frozen presets. `--preset NAME` chooses one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sgd:
    """Stochastic gradient descent."""

    learning_rate: float
    momentum: float
    decay: float  # the learning rate at step t is learning_rate / (1 + decay * t)


@dataclass(frozen=True)
class Adam:
    """Kingma & Ba 2015."""

    learning_rate: float


@dataclass(frozen=True)
class Preset:
    """One training run, less its seed."""

    name: str
    architecture: str  # a function of architectures.py
    optimizer: Sgd | Adam
    batch_size: int  # digits a step
    epochs: int  # passes over the training split, at most
    patience: int  # epochs without a better validation loss before it stops
    train_size: int | None = None  # digits of the training split to use; None: all 50,000


# The multilayer perceptron of the textbooks: 96.4 % there.
MLP = Preset(
    name="mlp",
    architecture="mlp",
    optimizer=Sgd(learning_rate=0.001, momentum=0.9, decay=1e-7),
    batch_size=64,
    epochs=50,
    patience=10,
)

# The convolutional network of the textbooks: 99.15 to 99.37 % there.
CNN = Preset(
    name="cnn",
    architecture="cnn",
    optimizer=Adam(learning_rate=0.0001),
    batch_size=64,
    epochs=40,
    patience=10,
)

# One step of a network that learns nothing, so that tests can run the true command.
TINY = Preset(
    name="tiny",
    architecture="tiny",
    optimizer=Adam(learning_rate=0.001),
    batch_size=64,
    epochs=1,
    patience=1,
    train_size=64,
)

PRESETS = {preset.name: preset for preset in (CNN, MLP, TINY)}
