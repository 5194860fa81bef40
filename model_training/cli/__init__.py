"""The commands, one module each: the docstring is its help, `configure` adds its arguments, `run` runs it.

`train` has no `run`, because `__main__.py` runs it.
"""

from __future__ import annotations

from model_training.cli import (
    canonical,
    compare,
    corrections,
    evaluate,
    export,
    inspect,
    promote,
    report,
    rollback,
    search,
    train,
)
from model_training.cli import list as list_

COMMANDS = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        train, evaluate, report, compare, inspect, canonical, export, search, list_, promote, rollback, corrections,
    )
}  # fmt: skip
