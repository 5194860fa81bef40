"""One line on the terminal: the current step, and about how long the run still takes."""

from __future__ import annotations

import sys
import time


class Progress:
    """Estimate the time left from what each step was expected to take and from the pace so far.

    Args:
        total: seconds that all steps are expected to take.
    """

    def __init__(self, total: float) -> None:
        self._total = total
        self._done = 0.0
        self._started = time.monotonic()

    def begin(self, step: str) -> None:
        """Show a step and the time left."""
        pace = (time.monotonic() - self._started) / self._done if self._done else 1.0
        left = max(0.0, self._total - self._done) * pace
        self._write(f"{step}; about {left / 60:.0f} min left" if left >= 90 else f"{step}; about {left:.0f} s left")

    def end(self, seconds: float) -> None:
        """Count a step that was expected to take so many seconds as done."""
        self._done += seconds

    def close(self) -> None:
        """Clear the line."""
        if sys.stderr.isatty():
            self._write("")

    def _write(self, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)
