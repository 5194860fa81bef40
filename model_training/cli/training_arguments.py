"""The arguments of all commands that train: preset, seed, MNIST, other handwriting."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection
from pathlib import Path

from model_training.presets import CNN, PRESETS, READER_PRESETS, Preset, ReaderPreset


def configure(parser: argparse.ArgumentParser, presets: Collection[str] = PRESETS) -> None:
    """Add `--preset`, `--seed`, `--data` and `--extra`."""
    parser.add_argument("--preset", choices=presets, default=CNN.name, help="what to train")
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        help="a folder with MNIST's IDX files, gzipped or not, or mnist.npz; downloaded by default",
    )  # fmt: skip
    parser.add_argument(
        "--extra", type=Path, metavar="DIR", action="append",
        help="a folder or file with other handwriting to train on, in the formats that README.md describes; may be "
        "repeated; by default those in $DIGITS_EXTRA_DATA, if the preset is made for other handwriting",
    )  # fmt: skip
    parser.add_argument("--seed", type=_seed, default=1, help="of weights, dropout and the order of the digits")


def complete(options: argparse.Namespace) -> None:
    """Replace the preset's name by the preset, and a missing `--extra` by what the environment names."""
    options.preset = (PRESETS | READER_PRESETS)[options.preset]
    if options.extra is None:
        names = os.environ.get("DIGITS_EXTRA_DATA", "").split(os.pathsep) if _takes_handwriting(options.preset) else []
        options.extra = [Path(name) for name in names if name]


def _takes_handwriting(preset: Preset | ReaderPreset) -> bool:
    return isinstance(preset, ReaderPreset) or preset.mixture is not None


def _seed(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**31 - 1}")
    return value
