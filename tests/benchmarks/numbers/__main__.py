"""Read the same pictures of numbers by this service, PP-OCR and Tesseract: print a table, write JSON.

Digits alone are compared. Of each peer the best way to ask it counts, kind by kind. Readers are asked one after the
other, each on one core with one thread; what the service's workers do over HTTP is not bound to a core.

example:
  python -m tests.benchmarks.numbers --json docs/numbers_benchmark.json
  python -m tests.benchmarks.numbers --count 5 --only reader,rapidocr
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from pathlib import Path
from typing import Any

from models.errors import DigitsError
from models.registry.store import ARTIFACTS
from tests.benchmarks import environment, machine
from tests.benchmarks.contestant import ROOT
from tests.benchmarks.numbers import pictures, readers, table, tesseract

DATA = (ROOT.parent / "shared/data", ROOT.parent / "shared/numbers/numbers_dev.zip")
OURS = ("http", "reader")


def main() -> int:
    options = arguments().parse_args()
    folder = environment.HOME / "numbers"
    try:
        if "tesseract" in options.only:
            tesseract.version()  # tells that it is missing before the others are asked, which takes minutes
        pages = pictures.make(options.data, options.count)
        pictures.save(pages, folder)
        asked = {}
        for name in options.only.split(","):
            print(f"Asking {name} ...", file=sys.stderr, flush=True)
            core = max(os.sched_getaffinity(0))
            asked[name] = readers.READERS[name](pages, options.models.resolve(), folder, core)
    except (DigitsError, environment.SetUpFailed) as error:
        sys.exit(f"benchmarks: {error}")
    document = build(pages, asked)
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    print(table.markdown(document))
    return 0


def build(pages: list[pictures.NumberPage], asked: dict[str, readers.Asked]) -> dict[str, Any]:
    """Write a run as JSON values."""
    kinds = [page.kind for page in pages]
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "n": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "readers": [
            {
                "name": name,
                "title": one.title,
                "versions": one.versions,
                "kinds": table.scores(pages, one.answers, peer=name not in OURS),
            }
            for name, one in asked.items()
        ],
        "costs": {what: values for one in asked.values() for what, values in one.costs.items()},
    }


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.numbers", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--count", type=int, default=100, help="pictures of each kind, at most (100)")
    parser.add_argument("--only", default=",".join(readers.READERS), metavar="A,B", help="of these readers (all)")
    parser.add_argument("--models", type=Path, default=ARTIFACTS / "numbers", help="versions of the reader")
    parser.add_argument("--data", type=Path, nargs="+", default=DATA, help="handwriting and archives of numbers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all scores")
    return parser


if __name__ == "__main__":
    sys.exit(main())
