"""One module a command: its docstring is its help, `configure` adds its arguments, `run` gives its answer.

`train`, the default, is told in `__main__.py`.
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
)
from model_training.cli import list as list_

COMMANDS = {
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
