"""The table of what was lost, wrong and slow in each disturbance, and what of it must not be."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from tests.chaos.connection import Kill
from tests.chaos.hostile import Sent
from tests.chaos.load import REFUSALS, Answer

QUIET = "quiet"
DECLARED = ("501", "503", "504", "505")
"""Statuses from 500 that hostile senders may get."""
SLOWER = 2.0
"""How many times the quiet p99 a disturbance may make that of light requests."""
SHOWN = 5
"""Faults of a disturbance that are shown."""


class Phase(NamedTuple):
    """A part of the run, by the monotonic clock.

    Attributes:
        settled: whether the service was soon as prompt as before when it was over.
    """

    name: str
    began: float
    ended: float
    settled: bool = True


@dataclass
class Row:
    """What became of the requests that were sent in all phases of one name.

    Attributes:
        killed: without an answer, in a worker that was killed.
        lost: without an answer, though their worker was not killed.
        p50: milliseconds of light requests that were answered with 200, and so p99.
        heavy_p99: of photos, batches and rated requests.
        health: the slowest health check, milliseconds.
        mib: of all processes of the service, at most.
        senders: answers to hostile senders by status.
        senders_slowest: their slowest answer, seconds.
        faults: what was wrong, in words.
    """

    name: str
    seconds: float = 0.0
    sent: int = 0
    answered: int = 0
    refused: int = 0
    killed: int = 0
    lost: int = 0
    wrong: int = 0
    p50: float = 0.0
    p99: float = 0.0
    heavy_p99: float = 0.0
    health: float = 0.0
    mib: float = 0.0
    senders: Counter[str] = field(default_factory=Counter)
    senders_slowest: float = 0.0
    faults: list[str] = field(default_factory=list)

    def count(self, answers: list[Answer], kills: list[Kill]) -> None:
        """Count answers."""
        for answer in answers:
            self.sent += 1
            failed = answer.sent + answer.seconds
            if answer.status == 0 and any(kill.excuses(answer.port, answer.sent, failed) for kill in kills):
                self.killed += 1
            elif answer.fault:
                self.lost += answer.status == 0
                self.wrong += answer.status != 0
                self.faults.append(f"{answer.kind}: {answer.fault}")
            elif answer.status in REFUSALS:
                self.refused += 1
            else:
                self.answered += 1

    def time(self, phases: list[list[Answer]]) -> None:
        """Compute the latencies as the medians of those of several groups of answers."""
        light = [times for answers in phases if (times := _times(answers, "light"))]
        if light:
            percentiles = [np.percentile(times, [50, 99]) for times in light]
            self.p50, self.p99 = np.median(percentiles, axis=0).tolist()
        every = [answer for answers in phases for answer in answers]
        self.heavy_p99 = float(np.percentile(_times(every, "heavy", "rated") or [0], 99))
        self.health = max(_times(every, "health"), default=0.0)


class Report:
    """The rows of a run, the quiet one first.

    Args:
        phases: of the run.
        answers: of the load.
        kills: of workers.
        memory: times, and MiB at them.
        hostile: what hostile senders got.
    """

    def __init__(
        self,
        phases: list[Phase],
        answers: list[Answer],
        kills: list[Kill],
        memory: list[tuple[float, float]],
        hostile: list[Sent],
    ) -> None:
        self.rows = {phase.name: Row(phase.name) for phase in phases}
        self._phases = phases
        self._ends = [phase.ended for phase in phases[:-1]]
        by_phase: list[list[Answer]] = [[] for _ in phases]
        for answer in answers:
            by_phase[self._at(answer.sent)].append(answer)
        for phase, sent in zip(phases, by_phase, strict=True):
            self.rows[phase.name].seconds += phase.ended - phase.began
            self.rows[phase.name].count(sent, kills)
        for name, row in self.rows.items():
            own = [sent for phase, sent in zip(phases, by_phase, strict=True) if phase.name == name]
            # A quiet phase that the disturbance before it still reaches into must not make the others look quick.
            row.time(own if name == QUIET else [[*chain(*own)]])
        for when, mib in memory:
            row = self.rows[phases[self._at(when)].name]
            row.mib = max(row.mib, mib)
        for got in hostile:
            row = self.rows[got.kind]
            row.senders.update(got.statuses)
            row.senders_slowest = max(row.senders_slowest, got.slowest)

    def broken(self) -> list[str]:
        """Say what was lost or wrong that must not be."""
        said = []
        for row in self.rows.values():
            if row.lost:
                said.append(f"{row.name}: {row.lost} requests were lost that were in no killed worker")
            if row.wrong:
                said.append(f"{row.name}: {row.wrong} answers were wrong")
            said += [f"{row.name}: {fault}" for fault in row.faults[:SHOWN]]
            undeclared = {status: n for status, n in row.senders.items() if status[0] == "5" and status not in DECLARED}
            if undeclared:
                said.append(f"{row.name}: hostile senders were answered with {undeclared}")
        return said

    def slow(self) -> list[str]:
        """Say which disturbances made light requests slower than asked, or the service for some time after them."""
        quiet = self.rows[QUIET].p99
        late = Counter(phase.name for phase in self._phases if not phase.settled)
        return [
            f"{row.name}: p99 of light requests is {row.p99:.1f} ms, {row.p99 / quiet:.1f} times the quiet one"
            for row in self.rows.values()
            if row.p99 > SLOWER * quiet
        ] + [f"{name}: the service was not soon as prompt as before, {n} times" for name, n in late.items()]

    def __str__(self) -> str:
        quiet = self.rows[QUIET].p99 or 1
        head = ("", "", "", "", "", "in killed", "", "", "light", "requests", "", "others", "health", "")
        names = ("disturbance", "s", "sent", "200", "refused", "workers", "lost", "wrong", "p50 ms", "p99 ms", "x quiet",
                 "p99 ms", "most ms", "MiB")  # fmt: skip
        lines = [_line(head, "hostile senders"), _line(names, "answers; the slowest")]
        for row in self.rows.values():
            senders = ", ".join(f"{n:,} x {status}" for status, n in sorted(row.senders.items()))
            figures = (f"{row.seconds:.0f}", f"{row.sent:,}", f"{row.answered:,}", f"{row.refused:,}", f"{row.killed}",
                       f"{row.lost}", f"{row.wrong}", f"{row.p50:.1f}", f"{row.p99:.1f}", f"{row.p99 / quiet:.1f}",
                       f"{row.heavy_p99:,.0f}", f"{row.health:,.0f}", f"{row.mib:,.0f}")  # fmt: skip
            lines.append(_line((row.name, *figures), f"{senders}; {row.senders_slowest:.1f} s" if senders else ""))
        return "\n".join(lines)

    def document(self) -> list[dict[str, Any]]:
        """Return the rows for JSON."""
        return [vars(row) for row in self.rows.values()]

    def _at(self, when: float) -> int:
        """Find the phase of a time."""
        return bisect(self._ends, when)


def _times(answers: list[Answer], *kinds: str) -> list[float]:
    """List the milliseconds of answers that were no refusals."""
    return [answer.seconds * 1000 for answer in answers if answer.kind in kinds and answer.status == 200]


def _line(cells: tuple[str, ...], last: str) -> str:
    return f"{cells[0]:22}" + "".join(f"{cell:>9}" for cell in cells[1:]) + f"   {last}".rstrip()
