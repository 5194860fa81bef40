"""The command line."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from model_training.cli import COMMANDS, training_arguments
from models.registry.store import ARTIFACTS, Store

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
    if "preset" in options:
        training_arguments.complete(options)
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
    training_arguments.configure(parser)
    parser.add_argument(
        "--resume", action="store_true", help="continue the newest interrupted run of this preset and seed"
    )
    parser.add_argument("--runs", type=Path, metavar="DIR", default=Path("runs"), help="where checkpoints and logs go")
