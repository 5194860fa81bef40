from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.benchmarks import chart, contestant, document, summary, wrk
from tests.benchmarks.contestant import CONTESTANTS
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.raw_batches import RawBatches
from tests.benchmarks.record import Record
from tests.benchmarks.rounds import Plan
from tests.benchmarks.spread import Spread, ratio
from tests.benchmarks.wrk import Load

CONTESTANT = {contestant.name: contestant for contestant in CONTESTANTS}
BEFORE = {contestant.name: contestant for contestant in contestant.before(Path("older"))}
STAGES = {"decode": [40.0, 42.0, 38.0], "canonicalize": [10.0]}


def record(contestant, rates, errors=0):
    loads = [Load(rate, 1.0, 2.0, errors, 0) for rate in rates]
    return Record(
        contestant, {"flask": "3.1"}, [1.0], [200.0],
        {(payload.name, concurrency): loads for payload in contestant.payloads for concurrency in payload.concurrency},
    )  # fmt: skip


@pytest.fixture
def measured(monkeypatch):
    monkeypatch.setattr(wrk, "version", lambda: "4.1.0")
    failed = Record(CONTESTANT["litserve"], failure="set-up failed: no network")
    records = [
        record(CONTESTANT["service"], [9_000, 10_000, 8_000]),
        record(CONTESTANT["service_tensor"], [8_100, 8_000, 8_000]),
        record(CONTESTANT["fastapi"], [3_000, 2_500, 4_000], errors=7), failed,
        record(CONTESTANT["triton"], [2_700, 4_000, 4_000]), record(BEFORE["service_before"], [4_500, 5_000, 5_000]),
    ]  # fmt: skip
    measurements = document.Measurements(
        records,
        stages={"service": {payload.name: STAGES for payload in PAYLOADS}},
        batches=RawBatches({32: [Load(500, 1.0, 2.0, 0, 0)] * 3}, {32: [20_000.0] * 3}),
        memory={"requests": 250_000, "mib": [160.0, 161.0]},
        mixed={
            "nothing": [(Load(9_000, 1.0, 2.0, 0, 0), None)],
            "photos": [(Load(4_000, 2.0, 9.5, 0, 0), Load(20, 40.0, 60.0, 0, 0))],
        },
    )
    return document.build(measurements, Plan(3, 5, 2, 8200))


def test_a_spread_is_median_least_and_most() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_a_ratio_divides_measurements_of_the_same_round() -> None:
    assert ratio([9_000, 10_000, 8_000], [3_000, 2_500, 4_000]) == Spread(3.0, 2.0, 4.0)


def test_the_document_is_json_and_has_the_ratio_to_each_peer(measured) -> None:
    load = document.load_of(json.loads(json.dumps(measured))["servers"][2], "mnist", 64)
    assert load["requests_per_second"] == {"median": 3_000, "low": 2_500, "high": 4_000}
    assert load["service_is_times"] == {"median": 3.0, "low": 2.0, "high": 4.0}


def test_triton_is_compared_with_the_service_that_is_sent_the_same_bytes(measured) -> None:
    load = document.load_of(measured["servers"][4], "mnist", 64)
    assert load["service_is_times"] == {"median": 2.0, "low": 2.0, "high": 3.0}
    text = summary.render(measured)
    assert re.search(r"Triton, raw tensor by /v2( +4,000 +\(2,700-4,000\) +2\.00){3}", text)


def test_an_older_checkout_is_compared_with_this_one(measured) -> None:
    assert re.search(r"\nbefore( +5,000 +\(4,500-5,000\) +2\.00){3}", summary.render(measured))


def test_the_page_s_drawings_are_compared_with_those_of_an_older_checkout(measured) -> None:
    assert "Cropped drawings of now over 280x280 drawings before: 1.80 / 1.80 times" in summary.render(measured)


def test_a_payload_s_table_has_only_servers_that_were_sent_it(measured) -> None:
    titles = {payload.name: [one["title"] for one in document.sent(measured, payload.name)] for payload in PAYLOADS}
    assert set(titles["mnist"]) - set(titles["drawing"]) == {
        "this service, raw tensor by /v2",
        "Triton, raw tensor by /v2",
    }
    assert "LitServe" in titles["drawing"]


def test_the_stages_stand_above_the_core_time_of_the_whole_request(measured) -> None:
    assert summary.core_us(measured, measured["servers"][0], "mnist") == pytest.approx(2e6 / 9_000)
    text = summary.render(measured)
    assert re.search(r"\ndecode( +40\.0){3}\n", text)
    assert re.search(r"\nthe whole request, core-us at 64 connections( +222\.2){3}\n", text)


def test_the_summary_marks_loads_with_errors_and_says_what_was_left_out(measured) -> None:
    text = summary.render(measured)
    assert "!3,000" in text
    assert (
        "! FastAPI, uvicorn, ONNX Runtime, mnist, concurrency 64: 21 responses of 400 and above, 0 socket errors"
        in text
    )
    assert "left out: set-up failed: no network" in text


def test_raw_batches_are_compared_with_the_engine_alone(measured) -> None:
    (row,) = measured["raw_batches"]
    assert row["digits_per_second"]["median"] == 32 * 500
    assert row["share_of_engine"]["median"] == pytest.approx(0.8)
    assert re.search(r"32 +16,000 +\(16,000-16,000\) +20,000 +80% +2.0", summary.render(measured))


def test_the_summary_tells_the_memory_before_and_after_many_requests(measured) -> None:
    assert "160.0 MiB when warm, 161.0 MiB 250,000 requests later" in summary.render(measured)


def test_the_summary_tells_the_latency_of_small_requests_beside_large_ones(measured) -> None:
    text = summary.render(measured)
    assert re.search(r"nothing +9,000 +1.00 +2.0 +\(2.0-2.0\) +- +0", text)
    assert re.search(r"photos +4,000 +2.00 +9.5 +\(9.5-9.5\) +20.0 +0", text)


def test_a_run_of_one_row_has_only_its_tables(monkeypatch) -> None:
    monkeypatch.setattr(wrk, "version", lambda: "4.1.0")
    measurements = document.Measurements([record(CONTESTANT["service"], [9_000])])
    text = summary.render(document.build(measurements, Plan(1, 5, 2, 8200)))
    assert "this service" in text
    assert not re.search("Stages|Raw digits|Memory: |beside large", text)


def test_the_plot_is_well_formed_and_has_a_bar_for_each_server_and_payload(measured) -> None:
    root = ElementTree.fromstring(chart.draw(measured))
    bars = [rect for rect in root.iter("{http://www.w3.org/2000/svg}rect") if rect.get("class") != "card"]
    assert len(bars) == 4 + 2 + 1  # by payload; neither an older checkout nor servers that were left out
    assert all(0 < float(bar.get("x", "")) + float(bar.get("width", "")) < chart.WIDTH for bar in bars)
