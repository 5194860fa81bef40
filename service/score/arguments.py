"""The command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import MalformedRequest
from service.images.pages import Grid
from service.protocols import numbers
from service.score.formats import FORMATS
from service.score.job import DIGIT, GRID, NUMBER

SUDOKU = "9x9"
EXAMPLES = """examples:
  python -m service.score scans/ --out results
  python -m service.score mnist.zip t10k-images-idx3-ubyte.gz --out results --format csv
  python -m service.score 'forms/**/*.pdf' --out results --as number
  find photos -newer yesterday -print0 | python -m service.score - --out results --as grid=6x9

WORKERS, DIGITS_MODELS, DIGITS_NUMBERS, DIGITS_VERSION, DIGITS_PRECISION, DIGITS_MAX_BYTES and DIGITS_MAX_PIXELS
are those of the service. With RAY_ADDRESS (host:port, or auto) a Ray cluster scores, whose machines reach the
sources by the same names.

exit status:
  0    every picture was read
  1    not all shards are there; the same command goes on
  2    the command line is wrong
  3    all shards are there, and some pictures could not be read; the column error says why
  130  Ctrl-C ended the run; the same command goes on
"""


@dataclass(frozen=True)
class Arguments:
    """What was asked for."""

    sources: Sequence[str]
    out: Path
    read_as: str
    grid: Grid | None
    format: str


def parse(words: Sequence[str] | None = None) -> Arguments:
    """Read the command line; end with status 2 if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m service.score",
        description="Read the digits or numbers of many pictures into shards of rows. A run that was ended goes on.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE",
        help="folder, pattern, picture, .zip, .tar, IDX, Parquet, PDF, TIFF, or URL such as s3://bucket/folder; "
        "- for a list of them on stdin",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="directory for the results")
    parser.add_argument("--as", type=_read_as, default=(DIGIT, None), dest="read_as", metavar="KIND",
                        help="digit, number, or grid=ROWSxCOLUMNS; grid alone is one of 9x9 (digit)")  # fmt: skip
    parser.add_argument("--format", choices=list(FORMATS), default="parquet", help="of the shards (parquet)")
    found = parser.parse_args(words)
    sources = [source.rstrip("/") or "/" for source in found.sources]
    read_as, grid = found.read_as
    return Arguments(sources, found.out, read_as, grid, found.format)


def _read_as(text: str) -> tuple[str, Grid | None]:
    kind, _, shape = text.partition("=")
    if kind == GRID:
        try:
            return GRID, numbers.parse_grid(shape or SUDOKU)
        except MalformedRequest as error:
            raise argparse.ArgumentTypeError(error.detail) from error
    if text not in (DIGIT, NUMBER):
        raise argparse.ArgumentTypeError(f"must be {DIGIT}, {NUMBER}, {GRID} or {GRID}=6x9, not {text!r}")
    return text, None
