"""`GET /metrics` sums all workers, whichever of them answers."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from models.registry.store import ARTIFACTS, Store
from service import create_app
from service.config import Config
from service.services import Services
from tests import serving
from tests.service.steady import Steady, answers, until
from tests.textbook import NUMBERS


def scrape(url):
    """Return the value of each sample by its name and labels."""
    text = requests.get(f"{url}/metrics", timeout=5).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(samples, name):
    return sum(value for key, value in samples.items() if key[0] == name)


@pytest.fixture(scope="module")
def two_workers():
    with serving.service(WORKERS="2") as (url, master):
        yield url, master


def test_every_answer_is_counted_once_whichever_worker_is_scraped(two_workers, encode, splits):
    url, _ = two_workers
    before = scrape(url)
    with Steady(url, encode(splits.test.digits[0])) as load:
        until(lambda: len(load.answers) > 500)
    requests_total = ("digits_requests_total", "", "/predict", "200")
    counted_before = before.get(requests_total, 0)
    until(lambda: scrape(url)[requests_total] >= counted_before + len(load.answers))  # counted after it is sent
    for _ in range(10):
        after = scrape(url)
        for key in (
            requests_total,
            ("digits_answers_total", "7", "accepted"),
            ("digits_request_seconds_count", "/predict"),
            ("digits_stage_seconds_count", "decode"),
            ("digits_stage_seconds_count", "canonicalize"),
            ("digits_batch_size_sum",),
            ("digits_confidence_count",),
        ):
            assert after[key] - before.get(key, 0) == len(load.answers), key
    queue = ("digits_stage_seconds_count", "queue")
    assert after[queue] == before[queue]  # light requests do not wait for the pool
    assert after[("digits_queue_depth",)] == 0
    until(lambda: scrape(url).get(("digits_workers", "served", "1")) == 2)
    assert total(after, "digits_resident_memory_bytes") > 100e6


@pytest.mark.parametrize(
    ("path", "body"),
    [("/predict", "large photo"), ("/predict?explain=1", "digit"), ("/predict", "digit in a large body")],
)
def test_the_wait_for_the_pool_is_counted_for_every_heavy_request(two_workers, encode, splits, path, body):
    url, _ = two_workers
    digit = splits.test.digits[0]
    bodies = {
        "digit": encode(digit),
        "digit in a large body": encode(digit) + bytes(100_000),
        "large photo": encode(np.kron(255 - digit, np.ones((40, 40), np.uint8)), "JPEG"),
    }
    queue = ("digits_stage_seconds_count", "queue")
    before = scrape(url)
    reply = requests.post(f"{url}{path}", data=bodies[body], headers={"Content-Type": "image/png"}, timeout=10)
    assert reply.json()["digit"] == 7
    assert scrape(url)[queue] == before[queue] + 1


def test_no_counter_falls_when_a_worker_is_killed(two_workers, encode, splits):
    url, master = two_workers
    with Steady(url, encode(splits.test.digits[0])) as load:
        until(lambda: len(load.answers) > 100)
    before = scrape(url)
    killed = serving.workers(master)[0]
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(serving.workers(master)) == 2 and killed not in serving.workers(master))
    until(lambda: answers(url))
    until(lambda: scrape(url)[("digits_workers", "served", "1")] == 2)
    after = scrape(url)
    for key, value in before.items():
        if key[0].endswith(("_total", "_count", "_bucket")) and key[0] != "digits_cpu_seconds_total":
            assert after[key] >= value, key


def test_refusals_are_counted_by_their_reason(send, post):
    def counted(route, status, reason):
        for line in send("GET", "/metrics").body.decode().splitlines():
            if line.startswith(f'digits_requests_total{{reason="{reason}",route="{route}",status="{status}"}}'):
                return float(line.split()[-1])
        return 0.0

    for ask, labels in (
        (lambda: post(b"hello"), ("/predict", 400, "undecodable_image")),
        (lambda: post(b"x", "text/plain"), ("/predict", 415, "unsupported_media_type")),
        (lambda: send("GET", "/health/live"), ("/health/live", 200, "")),
        (lambda: send("GET", "/models/letters"), ("/models/<name>", 404, "not_found")),
        (lambda: send("GET", "/nowhere/at/all"), ("none", 404, "not_found")),
    ):
        before = counted(*labels)
        ask()
        assert counted(*labels) == before + 1, labels


def test_answers_are_counted_by_digit_and_verdict(send, post):
    def counted():
        lines = send("GET", "/metrics").body.decode().splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line[0] != "#"}

    before = counted()
    seven = {"strokes": [[[60, 60], [220, 60], [120, 240]]]}
    post({"images": [seven, {"pixels": [[0] * 28] * 28}, {"image": "!"}]})
    after = counted()
    changed = {key for key, value in after.items() if value != before.get(key, 0) and "answers_total" in key}
    assert changed == {
        'digits_answers_total{digit="7",verdict="accepted"}', 'digits_answers_total{digit="none",verdict="blank"}'
    }  # fmt: skip


def test_openmetrics_is_sent_to_a_scraper_that_accepts_it(send):
    reply = send("GET", "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert reply.headers["Content-Type"].startswith("application/openmetrics-text")
    assert reply.body.endswith(b"# EOF\n")


def test_a_swap_is_counted(tmp_path):
    store = Store(tmp_path / "digits")
    for _ in range(2):
        store.publish(Store(ARTIFACTS / "digits").resolve(1))
    store.promote(1)
    services = Services(Config(models=store.root, numbers=NUMBERS))
    store.promote(2)
    services.start()
    until(lambda: services.digits.version == 2)
    services.close()
    text = create_app(services).test_client().get("/metrics").text
    assert 'digits_workers{role="served",version="2"} 1.0' in text
    assert "digits_swaps_total 1.0" in text
