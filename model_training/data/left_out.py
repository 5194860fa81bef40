"""Keep account of what was left out of handwriting, and why."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePath

MAX_COMPLAINTS = 100
"""Of a file; further ones are counted."""
MAX_COMPLAINT = 1000
"""Characters, since some errors quote what they complain of."""
MAX_REASONS = 1000
"""Different ones that are told apart in one collection."""
OTHER = "other reasons"
DETAIL = re.compile(r" \(.*|\d[\d,]* x \d[\d,]*", re.DOTALL)
"""What differs from file to file in a reason."""
ESCAPED = range(0xDC80, 0xDD00)
"""Characters that stand for bytes of a file's name that are no text."""


class LeftOut:
    """What was left out.

    Attributes:
        complaints: one line each, for people: the file, the place in it, the reason; some are left out of long files.
        reasons: (collection, reason) -> how many; all are counted.
        first: (collection, reason) -> the place of the first.
        ignored: the ending of a file's name -> how many files have one that no handwriting has.
    """

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.first: dict[tuple[str, str], str] = {}
        self.ignored: Counter[str] = Counter()
        self._of_file = 0

    def add(self, collection: str, where: str, reason: str) -> None:
        """Leave out what is at a place."""
        key = printable(collection), DETAIL.sub("", printable(reason))[:MAX_COMPLAINT]
        if key not in self.reasons and len(self.reasons) >= MAX_REASONS:
            key = key[0], OTHER
        self.reasons[key] += 1
        self.first.setdefault(key, printable(where))
        self._of_file += 1
        if self._of_file <= MAX_COMPLAINTS:
            self.complaints.append(printable(f"{where}: {reason}"[:MAX_COMPLAINT]))

    def ignore(self, name: str) -> None:
        """Count a file that is not looked into."""
        self.ignored[printable(PurePath(name).suffix.lower()) or "no ending"] += 1

    @contextlib.contextmanager
    def of_file(self, path: Path) -> Iterator[None]:
        """Bound the complaints of one file, and add how many more there are."""
        self._of_file = 0
        yield
        if (more := self._of_file - MAX_COMPLAINTS) > 0:
            self.complaints.append(printable(f"{path}: {more:,} more that cannot be read"))
        self._of_file = 0

    @property
    def count(self) -> int:
        """How many samples, files and lines were left out, ignored files apart."""
        return sum(self.reasons.values())


def printable(text: str) -> str:
    """Return a text of one line in UTF-8: bytes that are no text become \\x.., other signs without a look become ?."""
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return f"\\x{ord(character) - 0xDC00:02x}" if ord(character) in ESCAPED else "?"
