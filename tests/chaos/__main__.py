"""python -m tests.chaos: load the service while everything about it fails, and count every answer.

It ends with status 1 if a request was lost that was in no killed worker, or if an answer was wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.chaos.run import run


def main() -> None:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20, help="how long, without starting and settling (20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table to a file too")
    options = parser.parse_args()
    result = run(options.minutes * 60)
    print(result.report)
    for line in result.report.slow():
        print(f"slower than asked: {line}")
    for line in result.broken:
        print(f"broken: {line}")
    if options.json:
        document = {"rows": result.report.document(), "slow": result.report.slow(), "broken": result.broken}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    sys.exit(bool(result.broken))


if __name__ == "__main__":
    main()
