"""python -m tests.benchmarks.learning: compare the training time of `quick` with that of Keras' own MNIST example."""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from pathlib import Path

import model_training  # noqa: F401  first, since it chooses the kernels of the TensorFlow that Keras imports

# isort: split
import keras
from keras import layers

from model_training.data import dataset, mnist, training_set, writers
from model_training.presets import QUICK
from model_training.training import architectures, runs, trainer

SEEDS = (1, 2, 3, 4, 5)
MOST_EPOCHS = 15


def main() -> None:
    splits = dataset.split(mnist.load())
    seconds, accuracies = zip(*(quick(splits, seed) for seed in SEEDS), strict=True)
    goal = statistics.mean(accuracies)
    spread = statistics.stdev(accuracies)
    print(f"quick: {goal:.2%} ± {spread:.2%} on MNIST test, {statistics.mean(seconds):.1f} s, {len(SEEDS)} seeds")
    epochs, taken, reached = example(splits, goal)
    print(f"keras.io mnist_convnet: {reached:.2%} after {epochs} epochs, {taken:.1f} s, 1 seed")


def quick(splits: dataset.Splits, seed: int) -> tuple[float, float]:
    """Train the preset as `make train` does; return the seconds of training and the accuracy on the test split."""
    keras.utils.set_random_seed(seed)
    network = architectures.build(QUICK.architecture)
    data = training_set.prepare(QUICK, seed, splits, writers.split([]))
    with tempfile.TemporaryDirectory(prefix="digits-") as folder:
        run = runs.start(Path(folder), QUICK, seed)
        began = time.monotonic()
        network, _ = trainer.fit(network, data, run)
        seconds = time.monotonic() - began
    return seconds, accuracy(network, data.standardization(splits.test.digits), splits.test)


def example(splits: dataset.Splits, goal: float) -> tuple[int, float, float]:
    """Train https://keras.io/examples/vision/mnist_convnet until it reaches the accuracy `goal`.

    Returns:
        Epochs, seconds of training, and accuracy on the test split.
    """
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    network.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    digits = splits.train.digits[..., None].astype("float32") / 255
    labels = keras.utils.to_categorical(splits.train.labels, 10)
    test = splits.test.digits[..., None].astype("float32") / 255
    epochs, seconds, reached = 0, 0.0, 0.0
    while reached < goal and epochs < MOST_EPOCHS:
        began = time.monotonic()
        network.fit(digits, labels, batch_size=128, verbose=0)
        seconds += time.monotonic() - began
        reached = accuracy(network, test, splits.test)
        epochs += 1
    return epochs, seconds, reached


def accuracy(network: keras.Model, digits: object, split: dataset.Split) -> float:
    answers = network.predict(digits, batch_size=1000, verbose=0).argmax(axis=1)
    return float((answers == split.labels).mean())


if __name__ == "__main__":
    logging.getLogger("model_training").setLevel(logging.WARNING)
    main()
