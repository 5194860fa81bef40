"""Text in columns."""

from __future__ import annotations

from collections.abc import Sequence

GAP = "  "


def layout(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table: the first column flush left, the others flush right, a rule under the header.

    A row may be shorter than the header; its last cell may then have any length.
    """
    full = [row for row in [header, *rows] if len(row) == len(header)]
    widths = [max(len(row[column]) for row in full) for column in range(len(header))]
    widths[0] = max(len(row[0]) for row in [header, *rows])
    lines = [_line(row, widths) for row in [header, ["-" * width for width in widths], *rows]]
    return "\n".join(line.rstrip() for line in lines)


def number(value: float | None, digits: int = 0) -> str:
    """Format a number with thousands separated; a dash stands for None."""
    return "-" if value is None else f"{value:,.{digits}f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=False))]
    return GAP.join(cells)
