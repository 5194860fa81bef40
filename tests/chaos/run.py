"""A run: quiet phases and disturbances in turn, and what must hold at its end."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from statistics import median
from typing import Any, NamedTuple

from tests.chaos import disturbances, site
from tests.chaos.connection import PATIENCE
from tests.chaos.load import Answer, Load
from tests.chaos.memory import Memory
from tests.chaos.report import QUIET, Phase, Report
from tests.chaos.samples import Expected, Sample, correction, expected, fault, samples

QUIET_SHARE = 1 / 3
LONGEST = 12.0
"""Seconds of a disturbance at most; a longer run has several rounds of all."""
MEASURED = 50
"""Health checks by which it is known how promptly the service answers when nothing is disturbed."""
LATECOMER = "127.0.0.3"
"""An address that has sent nothing before."""
MOST_MIB = 1024
"""Of all processes of the service."""


class Result(NamedTuple):
    """What a run found.

    Attributes:
        report: what was lost, wrong and slow.
        broken: what must not be, in words.
    """

    report: Report
    broken: list[str]


def run(seconds: float) -> Result:
    """Start everything, load it for so long while it is disturbed, and stop it."""
    honest = samples()
    with site.running() as place:
        right = expected(honest, str(place.store.root), site.VERSIONS)
        load = Load(place.url, place.keys, honest, right)
        memory = Memory(place.master.pid)
        phases: list[Phase] = []
        broken = []
        try:
            _disturb(place, seconds, phases)
        except Exception:
            broken.append(f"the run ended early:\n{traceback.format_exc()}")
        finally:
            answers = load.stop()
            memory.stop()
        broken += _damage(place, honest, right)
        report = Report(phases, answers, place.kills, memory.mib, place.hostile)
        broken += [*report.broken(), *_lost_corrections(place, answers), *_unanswered(answers)]
        if wrong := place.stop():
            broken.append(wrong)
        if left := memory.left():
            broken.append(f"{len(left)} processes of the service ran on without it")
            for process in left:
                os.kill(process, signal.SIGKILL)
        if (most := max(mib for _, mib in memory.mib)) > MOST_MIB:
            broken.append(f"the service took {most:,.0f} MiB, more than {MOST_MIB:,}")
        broken += _tracebacks(place)
    return Result(report, broken)


def _disturb(place: site.Site, seconds: float, phases: list[Phase]) -> None:
    """Go through the disturbances, with a quiet phase before each, and add every phase to `phases`."""
    rounds = max(1, round(seconds / len(disturbances.ALL) / LONGEST))
    each = seconds / rounds / len(disturbances.ALL)
    quiet = each * QUIET_SHARE
    place.prompt = median(place.promptness() for _ in range(MEASURED))
    for disturbance in disturbances.ALL * rounds:
        began = time.monotonic()
        time.sleep(quiet)
        middle = time.monotonic()
        phases.append(Phase(QUIET, began, middle))
        settled = False
        try:
            disturbance.act(place, each - quiet)
            settled = place.settle()
        finally:
            phases.append(Phase(disturbance.name, middle, time.monotonic(), settled))


def _damage(place: site.Site, honest: list[Sample], right: Expected) -> list[str]:
    """Say what is not as it was before: each sample must be answered, and a correction kept."""

    def ask(path: str, content_type: str, body: bytes) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE, source_address=(LATECOMER, 0))
        headers = {"Content-Type": content_type, "X-API-Key": place.keys["rated"]}
        try:
            with closing(connection):
                connection.request("POST", path, body, headers)
                reply = connection.getresponse()
                return reply.status, json.loads(reply.read())
        except (OSError, HTTPException) as error:
            return 0, repr(error)

    said = []
    for sample in honest:
        status, document = ask("/predict", sample.content_type, sample.body)
        if status != 200 or fault(document, right[sample.number]):
            said.append(f"afterwards {sample.kind} {sample.content_type} is answered {status}: {str(document)[:200]}")
    status, document = ask("/corrections", "application/json", correction())
    return said if status == 201 else [*said, f"afterwards a correction is answered {status}: {document}"]


def _unanswered(answers: list[Answer]) -> list[str]:
    """Name the kinds of requests that were always refused."""
    answered = {answer.kind for answer in answers if answer.status in (200, 201)}
    return [
        f"no request was answered that was {kind}" for kind in sorted({answer.kind for answer in answers} - answered)
    ]


def _lost_corrections(place: site.Site, answers: list[Answer]) -> list[str]:
    lost = {answer.correction for answer in answers if answer.correction} - place.database.kept()
    return [f"{len(lost)} corrections were lost that were answered with 201"] if lost else []


def _tracebacks(place: site.Site) -> list[str]:
    """Show the first traceback of the service's output, with the lines before it."""
    lines = place.log.read_text(errors="replace").splitlines()
    found = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    if not found:
        return []
    first = lines[max(0, found[0] - 2) : found[0] + 30]
    return [f"the service printed {len(found)} tracebacks; the first:", *(f"    {line}" for line in first)]
