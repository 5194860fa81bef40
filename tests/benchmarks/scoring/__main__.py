"""Measure reading in bulk: pictures a second of the whole command, from a zip of MNIST PNGs, with 1, 2 and 4 processes.

Beside it, in the same round: what as many processes reach that only decode, canonicalize and classify the same PNGs from
memory, and what the service answers with as many workers, a PNG a request, to wrk on the same cores.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import machine, wrk
from tests.benchmarks.contestant import SERVICE
from tests.benchmarks.payload import MNIST
from tests.benchmarks.scoring import ceiling, command
from tests.benchmarks.server import running
from tests.benchmarks.spread import Spread, ratio

PROCESSES = (1, 2, 4)
CONNECTIONS = 16
"""To each worker of the service."""


def main() -> int:
    """Measure, print a table, and write JSON if asked to."""
    asked = arguments().parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="digits-") as scratch:
        archive = command.write_archive(Path(scratch) / "mnist.zip", asked.pictures)
        for processes in asked.processes:
            rows.append(measure(processes, archive, asked))
            print(render(rows[-1]), flush=True)
    document = {"machine": machine.describe(), "pictures": asked.pictures, "rounds": asked.rounds, "rows": rows}
    if asked.json:
        asked.json.write_text(json.dumps(document, indent=2) + "\n")
    return 0


def measure(processes: int, archive: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Measure all three, one after the other, some rounds: pictures a second, and the ratios of each round."""
    scored, alone, served, peaks = [], [], [], []
    for _ in range(asked.rounds):
        alone.append(ceiling.measure(processes, asked.seconds))
        run = command.measure(archive, processes)
        scored.append(asked.pictures / run.seconds)
        peaks.append(run.peak_mib)
        with running(SERVICE, asked.port, processes) as server:
            headers = SERVICE.protocol.headers
            load = wrk.run(server.url, headers, MNIST.pngs, CONNECTIONS * processes, asked.seconds)
        served.append(load.requests_per_second)
    return {
        "processes": processes,
        "pictures_per_second": vars(Spread.of(scored)),
        "ceiling_per_second": vars(Spread.of(alone)),
        "share_of_ceiling": vars(ratio(scored, alone)),
        "http_per_second": vars(Spread.of(served)),
        "times_http": vars(ratio(scored, served)),
        "minutes_a_million": 1e6 / Spread.of(scored).median / 60,
        "peak_mib": max(peaks),
    }


def render(row: dict[str, Any]) -> str:
    """Write a row as a line."""
    return (
        f"{row['processes']} processes: {row['pictures_per_second']['median']:,.0f} pictures a second, "
        f"{row['share_of_ceiling']['median']:.0%} of {row['ceiling_per_second']['median']:,.0f}; "
        f"{row['times_http']['median']:.2f} times the service's {row['http_per_second']['median']:,.0f}; "
        f"a million in {row['minutes_a_million']:.1f} min; {row['peak_mib']:.0f} MiB a process at most"
    )


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.scoring", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--pictures", type=int, default=200_000, metavar="N", help="in the zip (200,000)")
    parser.add_argument("--processes", type=int, nargs="+", default=PROCESSES, metavar="N", help="of each (1 2 4)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of all three in turn (5)")
    parser.add_argument("--seconds", type=int, default=5, metavar="S", help="of the ceiling and of each load (5)")
    parser.add_argument("--port", type=int, default=8300, help="of the service, and the next one (8300)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all measurements")
    return parser


if __name__ == "__main__":
    sys.exit(main())
