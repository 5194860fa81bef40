"""How far long work has come, and how long it will take: on stderr, and not at all with `--quiet`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

log = logging.getLogger("model_training")


def bar(iterable: Iterable[Any] | None = None, **options: Any) -> tqdm[Any]:
    """A tqdm bar that leaves nothing behind."""
    return tqdm(iterable, leave=False, disable=not log.isEnabledFor(logging.INFO), dynamic_ncols=True, **options)


def say(line: str) -> None:
    """Print a line above the bars."""
    if log.isEnabledFor(logging.INFO):
        tqdm.write(line, file=sys.stderr)
