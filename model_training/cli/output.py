"""Print the output of a command: tables for people, one JSON document for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TextIO

import rich.box
import rich.console
import rich.table
import rich.text

NUMBER = re.compile(r"[-+]?[\d.,e-]+( ?(%|s|ms|us|MB))?|")
SCORES = ("accuracy", "loss", "ECE", "refused")
NO = 3
"""The exit status of a command whose answer is no."""


@dataclass(frozen=True)
class Table:
    """A head and rows of cells; columns of numbers are aligned to the right."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    title: str = ""


@dataclass(frozen=True)
class CommandOutput:
    """What a command found.

    Attributes:
        document: everything, for `--json`.
        tables: the figures that people want to see.
        lines: what they mean and what to do next.
        status: the exit status, 0 or NO.
    """

    document: dict[str, Any]
    tables: tuple[Table, ...] = ()
    lines: tuple[str, ...] = ()
    status: int = 0

    def show(self, *, as_json: bool) -> None:
        """Print it on stdout."""
        if as_json:
            print(json.dumps(self.document, indent=2))
            return
        print_tables(self.tables, sys.stdout)
        for line in self.lines:
            print(line)


def score_cells(scores: dict[str, Any]) -> tuple[str, ...]:
    """Format an Evaluation's values for the columns SCORES."""
    accuracy, ece, refused = (f"{scores[key]:.2%}" for key in ("accuracy", "ece", "refused"))
    return accuracy, f"{scores['loss']:.4f}", ece, refused


def print_tables(tables: Iterable[Table], file: TextIO) -> None:
    """Print tables; they are wide where nobody looks at a terminal."""
    console = rich.console.Console(file=file, highlight=False, width=None if file.isatty() else 160)
    for table in tables:
        console.print(_rich_table(table))


def _rich_table(table: Table) -> rich.table.Table:
    shown = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, title=table.title or None, title_justify="left")
    for index, head in enumerate(table.head):
        numbers = all(NUMBER.fullmatch(row[index]) for row in table.rows)
        shown.add_column(rich.text.Text(head), justify="right" if numbers else "left")
    for row in table.rows:
        shown.add_row(*map(rich.text.Text, row))
    return shown
