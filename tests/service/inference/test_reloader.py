"""Models come and go under load, and nobody notices but by the version in the answers."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import threading
from ctypes import c_int64
from pathlib import Path

import numpy as np
import pytest
import requests

from models.registry import artifact
from models.registry.store import ARTIFACTS, Store
from service.config import Config
from service.inference.predictor import Predictor
from service.inference.reloader import Follower
from service.observability.metrics import Metrics
from tests import serving
from tests.service.steady import Steady, answers, until

PNG = {"Content-Type": "image/png"}
SWAPS = 20


@pytest.fixture
def store(tmp_path):
    """Versions 1 and 2, which answer every digit a little differently; 1 is stable."""
    committed = Store(ARTIFACTS / "digits").resolve(1)
    store = Store(tmp_path / "digits")
    for temperature in (1.0, 3.0):
        change(store.root / str(store.publish(committed)), temperature=temperature)
    store.promote(1)
    return store


def change(directory: Path, **values: object) -> None:
    contract = directory / "model.json"
    contract.write_text(json.dumps(json.loads(contract.read_bytes()) | values))


def memory(master: subprocess.Popen[str]) -> list[float]:
    """Resident MiB of each worker."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in serving.workers(master)]
    return [int(status.split("VmRSS:")[1].split()[0]) / 1024 for status in statuses]


def refused(url: str) -> dict | None:
    return requests.get(f"{url}/health/ready", timeout=5).json()["refused"]


def served(url: str) -> int:
    return requests.get(f"{url}/health/ready", timeout=5).json()["model"]["version"]


def test_twenty_swaps_under_load_fail_no_request_and_leave_no_memory(store, encode, splits):
    digit = splits.test.digits[1]
    expected = {n: artifact.load(store.resolve(n)).predict(digit[None]).probabilities[0] for n in (1, 2)}
    assert np.abs(expected[1] - expected[2]).max() > 1e-4
    with serving.service(WORKERS="2", DIGITS_MODELS=str(store.root)) as (url, master):
        with Steady(url, encode(digit)) as load:
            load.await_version(1)
            before = max(memory(master))  # of a worker that has loaded; its sibling may not have yet
            for swap in range(SWAPS):
                store.promote(2 - swap % 2)
                load.await_version(2 - swap % 2)
        until(lambda: max(memory(master)) < before + 15)
    assert load.failures == []
    assert {status for status, _ in load.answers} == {200}
    for _, answer in load.answers:
        assert np.abs(answer["probabilities"] - expected[answer["model"]["version"]]).max() < 1e-6
    assert {answer["model"]["version"] for _, answer in load.answers} == {1, 2}


def truncate(store: Store) -> None:
    network = store.root / "2" / "network.tflite"
    os.truncate(network, network.stat().st_size // 2)


def break_network(store: Store) -> None:
    """A file that is what the contract promises, and no network."""
    files = ("network.tflite", "network.int8.tflite")
    entry = {"bytes": 4, "sha256": hashlib.sha256(b"data").hexdigest()}
    change(store.root / "2", files=dict.fromkeys(files, entry))
    for name in files:
        (store.root / "2" / name).write_bytes(b"data")


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (truncate, "network.tflite: 2,225,890 bytes where 4451780 were saved"),
        (break_network, "the engine cannot run its network"),
        (lambda store: change(store.root / "2", canonical_version=99), "trained on canonical version 99"),
        (lambda store: (store.root / "2" / "model.json").unlink(), "no stable; versions there: 1"),
        (lambda store: (store.root / "labels.json").write_text('{"stable": 2'), "labels.json: not valid JSON"),
    ],
)
def test_a_broken_version_is_refused_said_once_and_served_when_it_is_mended(store, harm, complaint):
    whole = store.root.parent / "whole"
    with serving.service(DIGITS_MODELS=str(store.root)) as (url, master):
        shutil.copytree(store.root / "2", whole)
        harm(store)
        if "labels" not in complaint:
            (store.root / "labels.json.incoming").write_text('{"stable": 2, "canary": null}')
            (store.root / "labels.json.incoming").replace(store.root / "labels.json")
        until(lambda: refused(url) is not None)
        assert complaint in refused(url)["detail"]
        assert served(url) == 1
        assert requests.get(f"{url}/models", timeout=5).json()["models"][0]["refused"] == refused(url)
        shutil.rmtree(store.root / "2")
        whole.rename(store.root / "2")
        store_labels = store.root / "labels.json"
        store_labels.write_text('{"stable": 2, "canary": null}')
        until(lambda: served(url) == 2)
        assert refused(url) is None
        master.send_signal(signal.SIGTERM)
        output, _ = master.communicate(timeout=serving.PATIENCE)
    assert output.count(complaint) == 1
    assert output.count("version 2 is served now") == 1


def test_a_version_whose_directory_is_deleted_is_served_from_memory(store, encode, splits):
    with serving.service(DIGITS_MODELS=str(store.root)) as (url, _):
        shutil.rmtree(store.root / "1")
        until(lambda: refused(url) is not None)
        assert "no stable; versions there: 2" in refused(url)["detail"]
        reply = requests.post(f"{url}/predict", data=encode(splits.test.digits[0]), headers=PNG, timeout=5)
        assert (reply.json()["digit"], reply.json()["model"]["version"]) == (7, 1)
        assert requests.get(f"{url}/models", timeout=5).json()["models"][0]["versions"] == [2]
        assert requests.get(f"{url}/models/digits", timeout=5).status_code == 404


def test_a_worker_that_is_replaced_while_the_label_points_at_a_broken_version_serves_the_last_good_one(store):
    with serving.service(DIGITS_MODELS=str(store.root)) as (url, master):
        truncate(store)
        store.promote(2)
        until(lambda: refused(url) is not None)
        (worker,) = serving.workers(master)
        os.kill(worker, signal.SIGKILL)
        until(lambda: serving.workers(master) not in ([], [worker]))
        until(lambda: answers(url))
        assert served(url) == 1
        assert "network.tflite" in refused(url)["detail"]


def test_workers_serve_on_when_the_model_is_gone_and_one_of_them_dies(store):
    with serving.service(WORKERS="2", DIGITS_MODELS=str(store.root)) as (url, master):
        shutil.rmtree(store.root / "1")
        first, _ = serving.workers(master)
        os.kill(first, signal.SIGKILL)
        until(lambda: len(serving.workers(master)) == 2 and first not in serving.workers(master))
        until(lambda: len(serving.workers(master)) == 1)
        assert served(url) == 1
        assert master.poll() is None


def test_a_version_given_by_its_number_stays(store):
    follower = Follower(store, Config(version="1"), Metrics(), c_int64())
    follower.start(Predictor(follower.first()))
    assert "follower" not in {thread.name for thread in threading.enumerate()}
    follower.close()
