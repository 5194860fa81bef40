"""One line on stderr: how far the run has come, how fast it is, and how long it will take."""

from __future__ import annotations

import sys
import time

EVERY = 10.0
"""Seconds between lines where they cannot be overwritten."""


class Progress:
    """Shows the pictures that are done.

    Args:
        total: pictures, with those that were done before.
        done: those.
    """

    def __init__(self, total: int, done: int) -> None:
        self._total, self._done, self._before, self._errors = total, done, done, 0
        self._began = self._shown = time.monotonic()

    def advance(self, pictures: int, errors: int) -> None:
        """Count pictures as done, some of which could not be read."""
        self._done += pictures
        self._errors += errors
        now = time.monotonic()
        if sys.stderr.isatty() or now - self._shown >= EVERY:
            self._shown = now
            self._write(self.line(now - self._began))

    def line(self, seconds: float) -> str:
        """Say how far the run has come after some seconds."""
        rate = (self._done - self._before) / max(seconds, 1e-9)
        left = (self._total - self._done) / max(rate, 1e-9)
        return (
            f"{self._done:,} of {self._total:,} pictures, {self._errors:,} of them unreadable; "
            f"{rate:,.0f} a second, {_duration(left)} left"
        )

    def close(self) -> None:
        """Clear the line, or end it."""
        if sys.stderr.isatty():
            self._write("")

    def _write(self, text: str) -> None:
        print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n",
              file=sys.stderr, flush=True)  # fmt: skip


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
