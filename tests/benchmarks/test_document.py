from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.benchmarks import chart, document, summary, wrk
from tests.benchmarks.contestant import CONTESTANTS
from tests.benchmarks.cost import Costs
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.record import Record
from tests.benchmarks.rounds import CONCURRENCY, Plan
from tests.benchmarks.spread import Spread, ratio
from tests.benchmarks.wrk import Load

CONTESTANT = {contestant.name: contestant for contestant in CONTESTANTS}
STAGES = {
    "decode": 40.0, "canonicalize": 10.0, "inference at 1": 90.0, "inference at 16": 50.0, "inference at 32": 40.0,
    "serialize": 5.0,
}  # fmt: skip


def record(contestant, rates, errors=0):
    loads = [Load(rate, 1.0, 2.0, errors, 0) for rate in rates]
    return Record(
        contestant, {"flask": "3.1"}, [1.0], [200.0],
        {(payload.name, concurrency): loads for payload in contestant.payloads for concurrency in CONCURRENCY},
    )  # fmt: skip


@pytest.fixture
def measured(monkeypatch):
    monkeypatch.setattr(wrk, "version", lambda: "4.1.0")
    failed = Record(CONTESTANT["litserve"], failure="set-up failed: no network")
    records = [
        record(CONTESTANT["service"], [9_000, 10_000, 8_000]), record(CONTESTANT["service_v2"], [8_100, 8_000, 8_000]),
        record(CONTESTANT["fastapi"], [3_000, 2_500, 4_000], errors=7), failed,
        record(CONTESTANT["triton"], [2_700, 4_000, 4_000]), record(CONTESTANT["floor"], [20_000, 20_000, 20_000]),
    ]  # fmt: skip
    costs = {payload.name: {stage: [us] for stage, us in STAGES.items()} for payload in PAYLOADS}
    grown = Costs({(1, 32): [Load(500, 1.0, 2.0, 0, 0)] * 3}, 250_000, (160.0, 161.0))
    load = Load(9_000, 1.0, 2.0, 0, 0)
    felt = {"nothing": [(load, None)], "photos": [(Load(4_000, 2.0, 9.5, 0, 0), Load(20, 40.0, 60.0, 0, 0))]}
    return document.build(records, costs, grown, felt, Plan(3, 5, 2, 8200, Path("digits/1")))


def test_a_spread_is_median_least_and_most() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_a_ratio_compares_each_round_with_itself() -> None:
    assert ratio([9_000, 10_000, 8_000], [3_000, 2_500, 4_000]) == Spread(3.0, 2.0, 4.0)


def test_the_document_is_json_and_holds_the_ratio_to_each_peer(measured) -> None:
    load = document.load_of(json.loads(json.dumps(measured))["servers"][2], "mnist", 64)
    assert load["requests_per_second"] == {"median": 3_000, "low": 2_500, "high": 4_000}
    assert load["service_is_times"] == {"median": 3.0, "low": 2.0, "high": 4.0}


def test_triton_is_compared_with_the_service_asked_with_the_same_bytes(measured) -> None:
    load = document.load_of(measured["servers"][4], "mnist", 64)
    assert load["service_is_times"] == {"median": 2.0, "low": 2.0, "high": 3.0}
    text = summary.render(measured)
    assert re.search(r"Triton, raw tensor by /v2( +4,000 +\(2,700-4,000\) +2\.00){3}", text)
    share = r"90% \(80%-100%\)"
    assert re.search(f"by /v2, of its rate by /predict: {share} at 1, {share} at 16, {share} at 64\n", text)


def test_who_was_not_sent_a_payload_is_not_in_its_tables(measured) -> None:
    titles = {payload.name: [one["title"] for one in document.sent(measured, payload.name)] for payload in PAYLOADS}
    assert set(titles["mnist"]) - set(titles["drawing"]) == {
        "this service, raw tensor by /v2",
        "Triton, raw tensor by /v2",
    }
    assert "LitServe" in titles["drawing"]


def test_the_budget_adds_up_to_what_the_service_takes(measured) -> None:
    parts = measured["budgets"][0]["core_us"]
    assert parts["floor"] == pytest.approx(100)
    assert parts["service"] == pytest.approx(2e6 / 9_000)
    assert sum(us for part, us in parts.items() if part != "service") == pytest.approx(parts["service"])


def test_the_ceiling_is_floor_canonicalization_and_batched_inference(measured) -> None:
    budget = measured["budgets"][0]
    assert budget["ceiling"] == pytest.approx(2e6 / (100 + 10 + 50))
    assert budget["ceiling_with_decoding"] == pytest.approx(2e6 / (100 + 10 + 50 + 40))
    assert budget["share"] == pytest.approx(9_000 / 12_500)


def test_the_summary_marks_loads_with_errors_and_says_what_was_left_out(measured) -> None:
    text = summary.render(measured)
    assert "!3,000" in text
    assert (
        "! FastAPI, uvicorn, ONNX Runtime, mnist, concurrency 64: 21 answers of 400 and above, 0 socket errors" in text
    )
    assert "left out: set-up failed: no network" in text


def test_the_cost_of_a_batch_is_held_against_the_engine(measured) -> None:
    (row,) = measured["cost"]["batches"]
    assert row["digits_per_second"]["median"] == 32 * 500
    assert row["share_of_engine"] == pytest.approx(32 * 500 * 40e-6)
    assert re.search(r"1 x 32 +16,000 +\(16,000-16,000\) +2.0 +64%", summary.render(measured))
    assert "160.0 MiB when warm, 161.0 MiB 250,000 requests later" in summary.render(measured)


def test_what_small_requests_feel_of_large_ones_is_told(measured) -> None:
    text = summary.render(measured)
    assert re.search(r"nothing +9,000 +1.00 +2.0 +\(2.0-2.0\) +- +0", text)
    assert re.search(r"photos +4,000 +2.00 +9.5 +\(9.5-9.5\) +20.0 +0", text)


def test_the_plot_is_well_formed_and_has_a_bar_for_each_server_and_payload(measured) -> None:
    root = ElementTree.fromstring(chart.draw(measured))
    bars = [rect for rect in root.iter("{http://www.w3.org/2000/svg}rect") if rect.get("class") != "card"]
    assert len(bars) == 4 + 2  # by payload; neither the floor nor who was left out
    assert all(0 < float(bar.get("x", "")) + float(bar.get("width", "")) < chart.WIDTH for bar in bars)
