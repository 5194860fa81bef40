"""The settings of a training run as frozen presets, chosen with `--preset NAME`."""

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
    """Adam (Kingma & Ba 2015)."""

    learning_rate: float


@dataclass(frozen=True)
class OneCycle:
    """AdamW (Loshchilov & Hutter 2019) with a linear warm-up, then a cosine decay to zero."""

    learning_rate: float  # the peak
    warmup: float  # share of the steps
    weight_decay: float = 0.0
    ema: float | None = None  # momentum of the averaged weights, which are the ones kept; None: no averaging


@dataclass(frozen=True)
class Mixture:
    """The drawings that an epoch holds beside MNIST."""

    strokes: int  # digits written with a pen on a tablet, rendered as on a canvas
    images: int  # digits written on paper
    letters: int  # handwritten non-digits
    made_up: int  # generated non-digits: scribbles, symbols, several digits, blots, textures
    machines: int  # digits that machines print or show
    marked: int  # digits with a mark around, under or beside them
    scripts: int  # letters and numerals of other scripts, non-digits
    renderings: int  # times each sample is rendered; every epoch chooses among the renderings


@dataclass(frozen=True)
class Preset:
    """The settings of one training run, except its seed."""

    name: str
    architecture: str  # a key of architectures.ARCHITECTURES
    optimizer: Sgd | Adam | OneCycle
    batch_size: int  # digits a step
    epochs: int  # at most
    patience: int  # epochs without a lower validation loss before training stops
    train_size: int | None = None  # digits of the training split to use; None: all 50,000
    augmented: float = 0.0  # share of each batch that is augmented
    mixture: Mixture | None = None  # None: MNIST alone, for an architecture with ten outputs


@dataclass(frozen=True)
class ReaderPreset:
    """The settings of one training run of a reader of lines, except its seed."""

    name: str
    architecture: str  # a key of ctc_network.READERS
    optimizer: OneCycle
    batch_size: int  # lines a step
    steps: int  # an epoch: the lines are composed as they are needed
    epochs: int
    validation: int  # lines
    composed: int  # test numbers of each kind
    patience: int  # epochs without a lower validation loss before training stops


# The served network: trained on more handwriting than MNIST, and to recognize non-digits.
BEST = Preset(
    name="best",
    architecture="best",
    optimizer=OneCycle(learning_rate=0.002, warmup=0.1, weight_decay=0.01, ema=0.998),
    batch_size=256,
    epochs=28,
    patience=28,
    augmented=0.75,
    mixture=Mixture(
        strokes=26_000,
        images=4_000,
        letters=9_000,
        made_up=8_000,
        machines=4_000,
        marked=8_000,
        scripts=6_000,
        renderings=8,
    ),
)

# Learns to read 99 % in seconds.
QUICK = Preset(
    name="quick",
    architecture="quick",
    optimizer=OneCycle(learning_rate=0.006, warmup=0.3),
    batch_size=250,
    epochs=3,
    patience=3,
)

# The textbook multilayer perceptron (Raschka), which reports 96.4 %.
MLP = Preset(
    name="mlp",
    architecture="mlp",
    optimizer=Sgd(learning_rate=0.001, momentum=0.9, decay=1e-7),
    batch_size=64,
    epochs=50,
    patience=10,
)

# The textbook convolutional network (Raschka), which reports 99.15 to 99.37 %.
CNN = Preset(
    name="cnn",
    architecture="cnn",
    optimizer=Adam(learning_rate=0.0001),
    batch_size=64,
    epochs=40,
    patience=10,
)

# One step of a minute network, so that tests can run the real command.
TINY = Preset(
    name="tiny",
    architecture="tiny",
    optimizer=Adam(learning_rate=0.001),
    batch_size=64,
    epochs=1,
    patience=1,
    train_size=64,
)

# The served reader of numbers.
NUMBERS = ReaderPreset(
    name="numbers",
    architecture="numbers",
    optimizer=OneCycle(learning_rate=0.003, warmup=0.05, weight_decay=0.01, ema=0.998),
    batch_size=64,
    steps=400,
    epochs=80,
    validation=2000,
    composed=500,
    patience=80,
)

# One step of a minute reader, so that tests can run the real command.
TINY_NUMBERS = ReaderPreset(
    name="tiny_numbers",
    architecture="tiny_numbers",
    optimizer=OneCycle(learning_rate=0.002, warmup=0.5),
    batch_size=8,
    steps=1,
    epochs=1,
    validation=8,
    composed=2,
    patience=1,
)

PRESETS = {preset.name: preset for preset in (BEST, QUICK, CNN, MLP, TINY)}
READER_PRESETS = {preset.name: preset for preset in (NUMBERS, TINY_NUMBERS)}
