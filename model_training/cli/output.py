"""What a command says: tables for people, one JSON document for programs."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

import rich.box
import rich.console
import rich.table
import rich.text

NUMBER = re.compile(r"[-+]?[\d.,e-]+( ?(%|s|ms|us|MB))?|")


@dataclass(frozen=True)
class Table:
    """A head and rows of cells; a column of numbers is set to the right."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    title: str = ""


@dataclass(frozen=True)
class Answer:
    """What a command found.

    Attributes:
        document: all of it, for `--json`.
        tables: what a person wants to see of it.
        lines: what it means and what to do next.
        status: 0, or 3 where the answer is no: what was asked for does not hold.
    """

    document: dict[str, Any]
    tables: tuple[Table, ...] = ()
    lines: tuple[str, ...] = ()
    status: int = 0

    def show(self, *, as_json: bool) -> None:
        """Print it."""
        if as_json:
            print(json.dumps(self.document, indent=2))
            return
        console = rich.console.Console(highlight=False, width=None if sys.stdout.isatty() else 160)
        for table in self.tables:
            console.print(_set(table))
        for line in self.lines:
            print(line)


def _set(table: Table) -> rich.table.Table:
    shown = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, title=table.title or None, title_justify="left")
    for index, head in enumerate(table.head):
        numbers = all(NUMBER.fullmatch(row[index]) for row in table.rows)
        shown.add_column(rich.text.Text(head), justify="right" if numbers else "left")
    for row in table.rows:
        shown.add_row(*map(rich.text.Text, row))
    return shown
