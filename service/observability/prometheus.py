"""The counters of all workers in the formats that Prometheus scrapes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.observability.metrics import COUNTERS, GAUGES, HISTOGRAMS, REFUSED, ROLES, VERSION
from service.observability.shared_counters import Counters

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def render(counters: Counters, accept: str) -> tuple[bytes, str]:
    """Render every metric.

    Args:
        counters: of all workers.
        accept: `Accept` header of the scraper, which chooses the format.

    Returns:
        The body and its content type.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Workers(counters))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Workers(Collector):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        totals = self._counters.total()
        for name, family in COUNTERS.items():
            counter = CounterMetricFamily(name, family.help, labels=family.labels)
            for key, number in totals.items():
                if key[0] == name:
                    counter.add_metric(key[1:], number)
            yield counter
        for name, family in HISTOGRAMS.items():
            histogram = HistogramMetricFamily(name, family.help, labels=family.labels)
            for labels in dict.fromkeys(key[1:-1] for key in totals if key[0] == name):
                bounds = [*map(str, family.bounds), "+Inf"]
                counts = accumulate(totals[(name, *labels, bound)] for bound in bounds)
                total = totals[(name, *labels, "sum")]
                histogram.add_metric(labels, list(zip(bounds, counts, strict=True)), total)
            yield histogram
        yield from self._living()

    def _living(self) -> Iterator[Metric]:
        """Yield the gauges, which only living workers have."""
        living = {
            str(n): (owner, dict(slot.items())) for n, slot in enumerate(self._counters.slots) if (owner := slot.owner)
        }
        numbers = [numbers for _, numbers in living.values()]
        for name, family in GAUGES.items():
            yield GaugeMetricFamily(name, family.help, value=sum(own.get((name,), 0.0) for own in numbers))
        versions = Counter((role, int(own.get((VERSION, role), 0.0))) for own in numbers for role in ROLES)
        serving = GaugeMetricFamily("digits_workers", "Workers by version and its role.", labels=("role", "version"))
        for (role, version), count in versions.items():
            if version:
                serving.add_metric([role, str(version)], count)
        yield serving
        refused = GaugeMetricFamily(
            "digits_refused_versions", "Workers that refuse the version of a role.", labels=("role",)
        )
        for role in ROLES:
            refused.add_metric([role], sum(own.get((REFUSED, role), 0.0) for own in numbers))
        yield refused
        yield from _processes({worker: owner for worker, (owner, _) in living.items()})


def _processes(pids: dict[str, int]) -> Iterator[Metric]:
    """Yield memory, processor time and open files of each worker; nothing on systems without /proc."""
    memory = GaugeMetricFamily("digits_resident_memory_bytes", "Resident memory.", labels=("worker",))
    seconds = CounterMetricFamily("digits_cpu_seconds", "Processor time.", labels=("worker",))
    files = GaugeMetricFamily("digits_open_files", "Open file descriptors.", labels=("worker",))
    for worker, pid in pids.items():
        process = Path("/proc") / str(pid)
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            files.add_metric([worker], len(list((process / "fd").iterdir())))
        except OSError:
            continue
        seconds.add_metric([worker], (int(fields[11]) + int(fields[12])) / TICKS)
        memory.add_metric([worker], int(fields[21]) * PAGE)
    yield from (memory, seconds, files)
