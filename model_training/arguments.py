"""The command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from model_training.config import CNN, PRESETS
from models.store import ARTIFACTS, Store


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line; `--help` explains it."""
    parser = argparse.ArgumentParser(
        prog="python -m model_training",
        description="Train a network on MNIST, save it with its mean and std, and serve it if it is the best so far.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--preset", choices=PRESETS, default=CNN.name, help="what to train")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="a folder with MNIST's IDX files, gzipped or not, or mnist.npz"
    )
    parser.add_argument("--seed", type=natural, default=1, help="of weights, dropout and the order of the digits")
    parser.add_argument(
        "--resume", action="store_true", help="continue the newest interrupted run of this preset and seed"
    )
    parser.add_argument("--runs", type=Path, metavar="DIR", default=Path("runs"), help="where checkpoints and logs go")
    parser.add_argument(
        "--models", type=Path, metavar="DIR", default=ARTIFACTS / "digits", help="where the version is published"
    )
    options = parser.parse_args(argv)
    options.preset = PRESETS[options.preset]
    options.store = Store(options.models)
    return options


def natural(text: str) -> int:
    """A seed."""
    value = int(text)
    if not 0 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**31 - 1}")
    return value
