"""The command line."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from model_training.commands import COMMANDS
from model_training.config import CNN, PRESETS
from models.store import ARTIFACTS, Store

DEFAULT = "train"


class _Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Texts as they are written, with the defaults."""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; `--help` explains it, and so does `COMMAND --help`.

    Without a command it is `train`.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words.insert(0, DEFAULT)
    options = _parser().parse_args(words)
    options.typed = shlex.join(["python", "-m", "model_training", *words])
    options.store = Store(options.models)
    if options.command == DEFAULT:
        options.preset = PRESETS[options.preset]
        if options.extra is None:
            options.extra = named_by_environment() if options.preset.mixture else []
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model_training",
        description="Train networks on MNIST, look into them, compare them, choose the one that is served.",
        epilog="Without a command it trains. COMMAND --help explains each; all take --json.\n"
        "exit status: 0 done, 1 something is missing or broken, 2 the command line is wrong, 3 the answer is no.",
        formatter_class=_Formatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    train = "Train a network on MNIST, save it with its mean and std, and serve it if it is the best so far."
    _configure_train(_add(commands, DEFAULT, train))
    for name, module in COMMANDS.items():
        module.configure(_add(commands, name, module.__doc__ or ""))
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text.splitlines()[0], description=text, formatter_class=_Formatter)
    command.add_argument(
        "--models", type=Path, metavar="DIR", default=ARTIFACTS / "digits", help="where the versions are"
    )
    command.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    command.add_argument("--quiet", action="store_true", help="show no progress, as a log wants it")
    return command


def _configure_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=PRESETS, default=CNN.name, help="what to train")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="a folder with MNIST's IDX files, gzipped or not, or mnist.npz"
    )
    parser.add_argument(
        "--extra", type=Path, metavar="DIR", action="append",
        help="a folder or file with people's digits, of the formats in people.py, to train on as well; may be given "
        "again; left out: what $DIGITS_EXTRA_DATA names, for presets that are made for people's digits",
    )  # fmt: skip
    parser.add_argument("--seed", type=natural, default=1, help="of weights, dropout and the order of the digits")
    parser.add_argument(
        "--resume", action="store_true", help="continue the newest interrupted run of this preset and seed"
    )
    parser.add_argument("--runs", type=Path, metavar="DIR", default=Path("runs"), help="where checkpoints and logs go")


def named_by_environment() -> list[Path]:
    """The folders in `$DIGITS_EXTRA_DATA`, separated as in `$PATH`."""
    return [Path(name) for name in os.environ.get("DIGITS_EXTRA_DATA", "").split(os.pathsep) if name]


def natural(text: str) -> int:
    """A seed."""
    value = int(text)
    if not 0 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**31 - 1}")
    return value
