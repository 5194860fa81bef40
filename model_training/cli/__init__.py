"""The commands, one module each: the docstring is its help, `configure` adds its arguments, `run` runs it.

Only the story of `train`, the default command, is told in `__main__.py`.
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
    "train": train,
    "evaluate": evaluate,
    "report": report,
    "compare": compare,
    "inspect": inspect,
    "canonical": canonical,
    "export": export,
    "search": search,
    "list": list_,
    "promote": promote,
    "rollback": rollback,
    "corrections": corrections,
}
