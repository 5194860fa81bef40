"""The counters of all workers in the formats that Prometheus scrapes.

prometheus_client takes 30 ms for the 750 series of a service that has seen every answer, and all requests of a worker
wait meanwhile. Here a line's beginning is made once, and a scrape takes a millisecond.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from prometheus_client.exposition import choose_encoder

from service.observability.metrics import COUNTERS, GAUGES, HISTOGRAMS, REFUSED, ROLES, VERSION
from service.observability.shared_counters import Counters, Key

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Series(NamedTuple):
    """One line of a metric: what is added to the metric's name, names and values of its labels, and its number."""

    suffix: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    number: float


class Metric(NamedTuple):
    """A metric with all its series."""

    name: str
    kind: str
    help: str
    series: Iterable[Series]


def render(counters: Counters, accept: str) -> tuple[bytes, str]:
    """Render every metric.

    Args:
        counters: of all workers.
        accept: `Accept` header of the scraper, which chooses the format.

    Returns:
        The body and its content type.
    """
    _, content_type = choose_encoder(accept)
    is_open_metrics = content_type.startswith("application/openmetrics-text")
    lines = []
    for name, kind, text, series in _collect(counters):
        title = name if is_open_metrics or kind != "counter" else f"{name}_total"
        lines.append(f"# HELP {title} {text}\n# TYPE {title} {kind}\n")
        lines += [f"{_beginning(name + suffix, names, values)}{number!r}\n" for suffix, names, values, number in series]
    if is_open_metrics:
        lines.append("# EOF\n")
    return "".join(lines).encode(), content_type


@lru_cache(maxsize=1 << 13)
def _beginning(name: str, names: tuple[str, ...], values: tuple[str, ...]) -> str:
    """Write a line up to its number, with its labels in the order of their names."""
    labels = ",".join(f'{label}="{_escape(value)}"' for label, value in sorted(zip(names, values, strict=True)))
    return f"{name}{{{labels}}} " if labels else f"{name} "


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _collect(counters: Counters) -> Iterator[Metric]:
    totals = counters.total()
    keys: dict[str, list[Key]] = {}
    for key in totals:
        keys.setdefault(key[0], []).append(key)
    for name, family in COUNTERS.items():
        counted = (Series("_total", family.labels, key[1:], totals[key]) for key in keys.get(name, ()))
        yield Metric(name, "counter", family.help, counted)
    for name, family in HISTOGRAMS.items():
        all_labels = dict.fromkeys(key[1:-1] for key in keys.get(name, ()))
        series = [line for values in all_labels for line in _histogram(totals, name, family.labels, values)]
        yield Metric(name, "histogram", family.help, series)
    yield from _living(counters)


def _histogram(
    totals: dict[Key, float], name: str, names: tuple[str, ...], values: tuple[str, ...]
) -> Iterator[Series]:
    bounds = [*map(str, HISTOGRAMS[name].bounds), "+Inf"]
    counts = list(accumulate(totals[(name, *values, bound)] for bound in bounds))
    for bound, count in zip(bounds, counts, strict=True):
        yield Series("_bucket", (*names, "le"), (*values, bound), count)
    yield Series("_count", names, values, counts[-1])
    yield Series("_sum", names, values, totals[(name, *values, "sum")])


def _living(counters: Counters) -> Iterator[Metric]:
    """Yield the gauges, which only living workers have."""
    owners = {str(worker): owner for worker, slot in enumerate(counters.slots) if (owner := slot.owner)}
    living = [counters.slots[int(worker)] for worker in owners]
    for name, family in GAUGES.items():
        yield Metric(name, "gauge", family.help, [Series("", (), (), sum(slot.value(name) for slot in living))])
    versions = Counter((role, int(slot.value(VERSION, role))) for slot in living for role in ROLES)
    workers = [
        Series("", ("role", "version"), (role, str(version)), float(count))
        for (role, version), count in versions.items()
        if version
    ]
    yield Metric("digits_workers", "gauge", "Workers by version and its role.", workers)
    refused = [Series("", ("role",), (role,), sum(slot.value(REFUSED, role) for slot in living)) for role in ROLES]
    yield Metric("digits_refused_versions", "gauge", "Workers that refuse the version of a role.", refused)
    yield from _processes(owners)


def _processes(pids: dict[str, int]) -> Iterator[Metric]:
    """Yield memory, processor time and open files of each worker; nothing on systems without /proc."""
    read = {worker: found for worker, pid in pids.items() if (found := _process(pid))}

    def series(suffix: str, place: int) -> Sequence[Series]:
        return [Series(suffix, ("worker",), (worker,), numbers[place]) for worker, numbers in read.items()]

    yield Metric("digits_resident_memory_bytes", "gauge", "Resident memory.", series("", 0))
    yield Metric("digits_cpu_seconds", "counter", "Processor time.", series("_total", 1))
    yield Metric("digits_open_files", "gauge", "Open file descriptors.", series("", 2))


def _process(pid: int) -> tuple[float, float, float] | None:
    """Read memory, processor time and open files of a process."""
    process = f"/proc/{pid}"
    try:
        with open(f"{process}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        # Linux 6.2 and later give the number of descriptors as the folder's size, without a list of them.
        files = os.stat(f"{process}/fd").st_size or len(os.listdir(f"{process}/fd"))
    except OSError:
        return None
    return float(int(fields[21]) * PAGE), (int(fields[11]) + int(fields[12])) / TICKS, float(files)
