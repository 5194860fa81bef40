"""python -m tests.benchmarks: measure this service and its peers side by side, print tables, write JSON and a plot."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from models.errors import DigitsError
from models.registry.store import ARTIFACTS, Store
from tests.benchmarks import chart, cost, document, machine, neighbours, rounds, summary, wrk
from tests.benchmarks.contestant import CONTESTANTS, MODEL_VERSION, SERVICE, Contestant


def main() -> int:
    options = arguments().parse_args()
    try:
        wrk.version()
        artifact = Store(ARTIFACTS / "digits").resolve(MODEL_VERSION)
    except (FileNotFoundError, DigitsError) as error:
        sys.exit(f"benchmarks: {error}")
    plan = rounds.Plan(options.rounds, options.seconds, machine.cores(), options.port, artifact)

    records = rounds.set_up(options.only)
    stage_costs = rounds.run(records, plan)
    costs = cost.measure(plan) if SERVICE in options.only else None
    felt = neighbours.measure(plan) if SERVICE in options.only else {}
    measured = document.build(records, stage_costs, costs, felt, plan)

    print(summary.render(measured))
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2) + "\n")
    if options.plot:
        options.plot.write_text(chart.draw(measured))
    return 1 if any(record.failure for record in records if record.contestant.role in ("service", "dialect")) else 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition(": ")[2])
    parser.add_argument("--rounds", type=_positive, default=3, metavar="N", help="of every server in turn (3)")
    parser.add_argument("--seconds", type=_positive, default=5, metavar="S", help="of each load, whole ones (5)")
    parser.add_argument(
        "--port", type=_positive, default=8200, help="of the server under load, and the next one (8200)"
    )
    parser.add_argument("--only", type=contestants, default=CONTESTANTS, metavar="A,B",
                        help="of " + ", ".join(contestant.name for contestant in CONTESTANTS))  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="to write everything measured to")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="to write an SVG to")
    return parser


def contestants(names: str) -> Sequence[Contestant]:
    """Those with these names, comma-separated, in the usual order."""
    wanted = set(names.split(","))
    if unknown := wanted - {contestant.name for contestant in CONTESTANTS}:
        raise argparse.ArgumentTypeError(f"no such server: {', '.join(sorted(unknown))}")
    return [contestant for contestant in CONTESTANTS if contestant.name in wanted]


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
