"""summary.json and index.html: what all shards come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import orjson

from service.score import drift
from service.score.output import Output
from service.score.tally import REASONS, Tally

TEMPLATES = Path(__file__).parent / "templates"
SUMMARY, PAGE = "summary.json", "index.html"


def write(output: Output, job: dict[str, Any], total: Tally, report: Path) -> None:
    """Write both files.

    Args:
        output: where to.
        job: what the results are of.
        total: of all shards.
        report: of the version of digits, with its validation.
    """
    document = {
        **job,
        "pictures": total.rows,
        "accepted": total.accepted,
        "reasons": dict(sorted(total.reasons.items())),
        "unreadable": total.errors.total(),
        "errors": dict(sorted(total.errors.items())),
        "digits": {str(digit): total.digits[str(digit)] for digit in range(10)},
        "drift": drift.measure(total, report) if job["as"] == "digit" else None,
    }
    output.write_summary(SUMMARY, orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = environment.get_template("summary.html").render(summary=document, doubtful=total.doubtful, reasons=REASONS)
    output.write_summary(PAGE, page.encode())
