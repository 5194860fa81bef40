"""Fuzz the reading of requests: `make fuzz ARGS="--minutes 30"`.

Half of the time in one process, guided by coverage; then, with the inputs that this found, through the real service,
whose memory, time and care for others are watched. The next run goes on with what `.fuzz/corpus` holds. What breaks a
promise is kept in `.fuzz/findings`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys


def main() -> int:
    """Run both.

    Returns:
        0 if every promise was kept, 1 if not.
    """
    parser = argparse.ArgumentParser(
        prog="make fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5, help="duration of the run (%(default)s)")
    half = str(parser.parse_args().minutes / 2)
    stages = ("tests.fuzz.guided", "tests.fuzz.served")
    statuses = [subprocess.run([sys.executable, "-m", stage, "--minutes", half]).returncode for stage in stages]
    return int(any(statuses))


if __name__ == "__main__":
    sys.exit(main())
