"""What Prometheus scrapes, as its own parsers read it, and what that costs."""

from __future__ import annotations

from time import perf_counter

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from service.observability.metrics import COUNTERS, GAUGES, HISTOGRAMS, Metrics
from service.observability.prometheus import render
from service.observability.shared_counters import Counters

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
ROUTES = [f"/route/{n}" for n in range(20)]


def fill(slots: int) -> Counters:
    """Fill every slot with 750 numbers, as a service that has given every answer."""
    counters = Counters(slots)
    for slot in range(slots):
        metrics = Metrics(counters, slot)
        for route in ROUTES:
            for reason in range(12):
                metrics.request("POST", route, 400 + reason, f"reason_{reason}", 0.004, "")
        for digit in (*range(10), None):
            for verdict in (None, "a", "b", "c", "blank"):
                metrics.answer(digit, verdict, 0.5)
    return counters


@pytest.mark.parametrize(
    ("accept", "parse"),
    [("", text_string_to_metric_families), (OPENMETRICS, openmetrics.text_string_to_metric_families)],
)
def test_prometheus_reads_every_number(accept, parse):
    counters = fill(2)
    text, content_type = render(counters, accept)
    assert content_type.startswith(accept.partition(";")[0] or "text/plain")
    families = {family.name: family for family in parse(text.decode())}
    assert {*COUNTERS, *HISTOGRAMS, *GAUGES} <= families.keys()
    samples = {(s.name, *sorted(s.labels.values())): s.value for family in families.values() for s in family.samples}
    for (name, *labels), number in counters.total().items():
        if name in COUNTERS:
            assert samples.pop((f"{name}_total", *sorted(labels))) == number
    assert samples["digits_request_seconds_bucket", "+Inf", ROUTES[0]] == 24
    assert samples["digits_request_seconds_bucket", "/route/0", "0.0025"] == 0
    assert samples["digits_request_seconds_bucket", "/route/0", "0.005"] == 24
    assert samples["digits_request_seconds_sum", ROUTES[0]] == pytest.approx(0.096)
    assert samples["digits_open_files", "0"] > 3
    assert samples["digits_resident_memory_bytes", "1"] > 1e6


def test_labels_may_hold_any_text():
    counters = Counters(1)
    reason = 'back\\slash, "quotes"\nand a line'
    Metrics(counters).request("GET", "/", 400, reason, 0.1, "")
    families = text_string_to_metric_families(render(counters, "")[0].decode())
    reasons = [s.labels["reason"] for family in families for s in family.samples if s.name == "digits_requests_total"]
    assert reasons == [reason]


def test_a_scrape_of_four_workers_does_not_stop_one_of_them():
    """A tenth of a second and more before; some two milliseconds on a machine at rest."""
    counters = fill(16)
    render(counters, "")
    seconds = []
    for _ in range(5):
        began = perf_counter()
        render(counters, "")
        seconds.append(perf_counter() - began)
    assert min(seconds) < 0.02
