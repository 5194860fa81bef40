"""Measure this service and its peers side by side: print tables, write JSON and a plot.

Each row starts a server with as many workers as cores, loads it with MNIST PNGs over 1, 16 and 64 connections and with
drawings over 16 and 64 (bodies and heads vary), and stops it; every round does so with all rows in turn. The peers
serve the same networks as ONNX files. Their environments, and the ONNX files by `python -m model_training export`, are
made once in .bench/.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from models.errors import DigitsError
from tests.benchmarks import (
    chart,
    document,
    machine,
    memory_growth,
    mixed_load,
    raw_batches,
    rounds,
    stages,
    summary,
    wrk,
)
from tests.benchmarks import contestant as contestants
from tests.benchmarks.contestant import CONTESTANTS, SERVICE, Contestant
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.server import ServerFailed

STAGES, BATCHES, MEMORY, MIXED = "stages", "batches", "memory", "mixed"
ROWS = (*(contestant.name for contestant in CONTESTANTS), STAGES, BATCHES, MEMORY, MIXED)
EXAMPLES = """examples:
  make bench ARGS="--only service,service_cnn,fastapi,fastapi_int8,fastapi_cnn --seconds 3"
  make bench ARGS="--only service,stages --before ../digits-of-last-week"
"""


def main() -> int:
    options = arguments().parse_args()
    plan = rounds.Plan(options.rounds, options.seconds, machine.cores(), options.port)
    try:
        wrk.version()
        measured = measure(options.only, options.before, plan)
    except (FileNotFoundError, DigitsError) as error:
        sys.exit(f"benchmarks: {error}")
    written = document.build(measured, plan)
    if options.json:
        options.json.write_text(json.dumps(written, indent=2) + "\n")
    print(summary.render(written))
    if options.plot:
        options.plot.write_text(chart.draw(written))
    return 1 if any(record.failure for record in measured.records if record.contestant.role == "service") else 0


def measure(rows: Sequence[str], before: Path | None, plan: rounds.Plan) -> document.Measurements:
    """Measure the chosen rows, and those of an older checkout beside this service's own."""
    chosen = [contestant for contestant in CONTESTANTS if contestant.name in rows]
    if before:
        chosen += [older for older in contestants.before(before) if older.compared_with in rows]
    measured = document.Measurements(records=rounds.set_up(chosen))
    rounds.run(measured.records, plan)
    services = [one for one in chosen if one.name in (SERVICE.name, f"{SERVICE.name}_before")]
    parts: dict[str, Callable[[], None]] = {
        STAGES: lambda: measured.stages.update(time_stages(services, plan)),
        BATCHES: lambda: raw_batches.measure(measured.batches, plan),
        MEMORY: lambda: measured.memory.update(memory_growth.measure(plan)),
        MIXED: lambda: measured.mixed.update(mixed_load.measure(plan)),
    }
    for name, part in parts.items():
        if name in rows:
            try:
                part()
            except (ServerFailed, wrk.WrkFailed, stages.StagesFailed) as error:
                print(f"\nLeft out: {name}: {error}", file=sys.stderr, flush=True)
    return measured


def time_stages(services: Sequence[Contestant], plan: rounds.Plan) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Time the stages of every checkout in turn: contestant -> payload -> stage -> microseconds."""
    times: dict[str, dict[str, dict[str, list[float]]]] = {}
    for _ in range(plan.rounds):
        for service in services:
            for payload in PAYLOADS:
                table = times.setdefault(service.name, {}).setdefault(payload.name, {})
                for stage, microseconds in stages.measure_in(service, payload).items():
                    table.setdefault(stage, []).extend(microseconds)
    return times


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--rounds", type=_positive, default=5, metavar="N", help="of all rows in turn (5)")
    parser.add_argument("--seconds", type=_positive, default=5, metavar="S", help="of each load (5)")
    parser.add_argument(
        "--port", type=_positive, default=8200, help="of the server under load, and the next one (8200)"
    )
    parser.add_argument("--only", type=row_names, default=ROWS, metavar="A,B", help="rows: " + ", ".join(ROWS))
    parser.add_argument("--before", type=Path, metavar="DIR",
                        help="an older checkout of the service, measured in the same run; "
                        "it uses its own .venv, or else this python")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all measurements")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where to write an SVG")
    return parser


def row_names(text: str) -> Sequence[str]:
    """Split comma-separated names of rows."""
    names = text.split(",")
    if unknown := set(names) - set(ROWS):
        raise argparse.ArgumentTypeError(f"no such row: {', '.join(sorted(unknown))}; choose from {', '.join(ROWS)}")
    return names


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
