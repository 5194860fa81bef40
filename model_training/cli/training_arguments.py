"""What a training is made of, as every command that trains takes it: preset, seed, MNIST, people's digits."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from model_training.presets import CNN, PRESETS


def configure(parser: argparse.ArgumentParser) -> None:
    """`--preset`, `--seed`, `--data` and `--extra`."""
    parser.add_argument("--preset", choices=PRESETS, default=CNN.name, help="what to train")
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        help="a folder with MNIST's IDX files, gzipped or not, or mnist.npz; downloaded if it is left out",
    )  # fmt: skip
    parser.add_argument(
        "--extra", type=Path, metavar="DIR", action="append",
        help="a folder or file with people's digits, of the formats in people.py, to train on as well; may be given "
        "again; left out: what $DIGITS_EXTRA_DATA names, for presets that are made for people's digits",
    )  # fmt: skip
    parser.add_argument("--seed", type=natural, default=1, help="of weights, dropout and the order of the digits")


def complete(options: argparse.Namespace) -> None:
    """Turn the preset's name into the preset, and `--extra` left out into what the environment names."""
    options.preset = PRESETS[options.preset]
    if options.extra is None:
        options.extra = named_by_environment() if options.preset.mixture else []


def named_by_environment() -> list[Path]:
    """The folders in `$DIGITS_EXTRA_DATA`, separated as in `$PATH`."""
    return [Path(name) for name in os.environ.get("DIGITS_EXTRA_DATA", "").split(os.pathsep) if name]


def natural(text: str) -> int:
    """A seed."""
    value = int(text)
    if not 0 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**31 - 1}")
    return value
