"""Parse the command line."""

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
    """Keep the line breaks of descriptions, and show defaults."""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line; the default command is `train`."""
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
        epilog="The default command is train. COMMAND --help explains each command; all take --json.\n"
        "exit status: 0 done, 1 something is missing or broken, 2 the command line is wrong, 3 the answer is no.",
        formatter_class=_Formatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        text = module.__doc__ or ""
        command = commands.add_parser(name, help=text.splitlines()[0], description=text, formatter_class=_Formatter)
        command.add_argument(
            "--models", type=Path, metavar="DIR", default=ARTIFACTS / "digits", help="folder of the versions"
        )
        command.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
        command.add_argument("--quiet", action="store_true", help="show no progress")
        module.configure(command)
    return parser
