"""One module a command: its docstring is its help, `configure` adds its arguments, `run` gives its answer.

`train`, the default, is told in `__main__.py`.
"""

from __future__ import annotations

from model_training.commands import list as list_
from model_training.commands import promote, report, rollback

COMMANDS = {"list": list_, "promote": promote, "report": report, "rollback": rollback}
