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
class OneCycle:
    """AdamW (Loshchilov & Hutter 2019), its rate up a ramp, then down a cosine to nothing."""

    learning_rate: float  # at its peak
    warmup: float  # share of the steps on which it rises
    weight_decay: float = 0.0
    ema: float | None = None  # momentum of the average of the weights that is kept; None: the weights themselves


@dataclass(frozen=True)
class Mixture:
    """What an epoch holds beside MNIST."""

    strokes: int  # digits that people wrote with a pen on a tablet, drawn as on a canvas
    images: int  # digits that people wrote on paper
    letters: int  # what people wrote that is no digit
    made_up: int  # scribbles, symbols, several digits, blots, textures
    renderings: int  # times that each specimen is drawn; epochs choose among the drawings


@dataclass(frozen=True)
class Preset:
    """One training run, less its seed."""

    name: str
    architecture: str  # a function of architectures.py
    optimizer: Sgd | Adam | OneCycle
    batch_size: int  # digits a step
    epochs: int  # passes over the training split, at most
    patience: int  # epochs without a better validation loss before it stops
    train_size: int | None = None  # digits of the training split to use; None: all 50,000
    augmented: float = 0.0  # share of every batch that is redrawn by another hand
    mixture: Mixture | None = None  # None: MNIST alone, and an architecture with ten outputs


# What is served: made for people's digits, and to know what is none.
BEST = Preset(
    name="best",
    architecture="best",
    optimizer=OneCycle(learning_rate=0.002, warmup=0.1, weight_decay=0.01, ema=0.998),
    batch_size=256,
    epochs=28,
    patience=28,
    augmented=0.75,
    mixture=Mixture(strokes=26_000, images=4_000, letters=9_000, made_up=8_000, renderings=8),
)

# To see it learn: 99 % in seconds.
QUICK = Preset(
    name="quick",
    architecture="quick",
    optimizer=OneCycle(learning_rate=0.006, warmup=0.3),
    batch_size=250,
    epochs=3,
    patience=3,
)

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

PRESETS = {preset.name: preset for preset in (BEST, QUICK, CNN, MLP, TINY)}
