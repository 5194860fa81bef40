"""Show on stderr how far long work has come and how long it will take; show nothing with `--quiet`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

import rich.progress
from rich.console import Console

T = TypeVar("T")

log = logging.getLogger("model_training")
console = Console(stderr=True)
_display: rich.progress.Progress | None = None  # shared by nested bars, because only one display can be live


@dataclass(frozen=True)
class Bar:
    """One line of the display."""

    _display: rich.progress.Progress
    _task: rich.progress.TaskID

    def advance(self, amount: float = 1) -> None:
        """Count work as done."""
        self._display.advance(self._task, amount)

    def describe(self, description: str) -> None:
        """Replace the text beside the bar."""
        self._display.update(self._task, description=description)


@contextlib.contextmanager
def bar(description: str, total: float | None, completed: float = 0) -> Iterator[Bar]:
    """Show a bar until the block ends; bars may be nested.

    A terminal shows the bars with the time left, and clears them at the end. Anything else, such as a log file, gets
    one line when the outermost bar ends.

    Args:
        description: the text beside the bar.
        total: units of work; None if unknown.
        completed: units that were done before.
    """
    global _display
    outermost = _display is None
    display = _display = _display or _start()
    task_id = display.add_task(description, total=total, completed=completed)
    try:
        yield Bar(display, task_id)
    finally:
        task = next(task for task in display.tasks if task.id == task_id)
        display.remove_task(task_id)
        if outermost:
            _display = None
            display.stop()
            if not console.is_terminal:
                share = f"{task.percentage:.0f}% " if total else ""
                say(f"{task.description}: {share}in {task.elapsed:.1f} s")


def track(work: Collection[T], description: str) -> Iterator[T]:
    """Iterate over work with a bar."""
    with bar(description, len(work)) as line:
        for item in work:
            yield item
            line.advance()


def say(line: str) -> None:
    """Print a line above the bars."""
    if log.isEnabledFor(logging.INFO):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _start() -> rich.progress.Progress:
    display = rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TaskProgressColumn(),
        rich.progress.TimeElapsedColumn(),
        rich.progress.TimeRemainingColumn(),
        console=console,
        transient=True,
        speed_estimate_period=3600,  # seconds; one trial of a search takes minutes
        disable=not (console.is_terminal and log.isEnabledFor(logging.INFO)),
    )
    display.start()
    return display
