"""Versions are swapped, broken and deleted under a running service; only the version in the answers changes."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import requests

from models.registry import artifact
from models.registry.artifact import ArtifactFiles
from models.registry.store import ARTIFACTS, Store
from service.config import Config
from service.inference.predictor import Predictor
from service.inference.reloader import Reloader
from service.inference.served_versions import ServedVersions
from service.observability.metrics import Metrics
from tests import serving
from tests.service.process_limit import limit
from tests.service.steady import Steady, answers, until
from tests.textbook import NUMBERS, STORE

PNG = {"Content-Type": "image/png"}
SWAPS = 20


@pytest.fixture
def store(tmp_path):
    """Versions 1 and 2, whose probabilities differ a little; 1 is stable."""
    committed = Store(ARTIFACTS / "digits").resolve(1)
    store = Store(tmp_path / "digits")
    for temperature in (1.0, 3.0):
        change_contract(store.root / str(store.publish(committed)), temperature=temperature)
    store.promote(1)
    return store


def change_contract(directory: Path, **values: object) -> None:
    contract = directory / "model.json"
    contract.write_text(json.dumps(json.loads(contract.read_bytes()) | values))


def memory(master: subprocess.Popen[str]) -> list[float]:
    """Return the resident MiB of each worker."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in serving.workers(master)]
    return [int(status.split("VmRSS:")[1].split()[0]) / 1024 for status in statuses]


def refused(url: str) -> dict | None:
    return requests.get(f"{url}/health/ready", timeout=5).json()["refused"]


def served(url: str) -> int:
    return requests.get(f"{url}/health/ready", timeout=5).json()["model"]["version"]


def workers_that_serve(url: str, version: int) -> int:
    name = f'digits_workers{{role="served",version="{version}"}} '
    lines = requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    return sum(int(float(line.removeprefix(name))) for line in lines if line.startswith(name))


def test_twenty_swaps_under_load_fail_no_request_and_leak_no_memory(store, encode, splits):
    digit = splits.test.digits[1]
    models = [artifact.load(store.resolve(n), Config().precision) for n in (1, 2)]
    expected = {model.version: model.predict(digit[None]).probabilities[0] for model in models}
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


def truncate_network(store: Store) -> None:
    network = store.root / "2" / "network.tflite"
    os.truncate(network, network.stat().st_size // 2)


def replace_network(store: Store) -> None:
    """Replace the network by bytes that match the contract but are not a network."""
    files = ("network.tflite", "network.int8.tflite")
    entry = {"bytes": 4, "sha256": hashlib.sha256(b"data").hexdigest()}
    change_contract(store.root / "2", files=dict.fromkeys(files, entry))
    for name in files:
        (store.root / "2" / name).write_bytes(b"data")


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (truncate_network, "network.tflite: 2,225,890 bytes where 4451780 were saved"),
        (replace_network, "the engine cannot run its network"),
        (lambda store: change_contract(store.root / "2", canonical_version=99), "trained on canonical version 99"),
        (lambda store: (store.root / "2" / "model.json").unlink(), "no stable; versions there: 1"),
        (lambda store: (store.root / "labels.json").write_text('{"stable": 2'), "labels.json: not valid JSON"),
    ],
)
def test_a_broken_version_is_refused_logged_once_and_served_when_it_is_repaired(store, harm, complaint):
    whole = store.root.parent / "whole"
    with serving.service(DIGITS_MODELS=str(store.root)) as (url, master):
        shutil.copytree(store.root / "2", whole)
        harm(store)
        if "labels" not in complaint:
            (store.root / "labels.json.incoming").write_text('{"stable": 2, "canary": null}')
            (store.root / "labels.json.incoming").replace(store.root / "labels.json")
        until(lambda: refused(url) is not None)
        assert complaint in refused(url)["detail"]
        assert str(store.root) not in json.dumps(refused(url))
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


def test_a_new_worker_serves_the_last_good_version_while_the_label_points_at_a_broken_one(store):
    with serving.service(DIGITS_MODELS=str(store.root)) as (url, master):
        truncate_network(store)
        store.promote(2)
        until(lambda: refused(url) is not None)
        (worker,) = serving.workers(master)
        os.kill(worker, signal.SIGKILL)
        until(lambda: serving.workers(master) not in ([], [worker]))
        until(lambda: answers(url))
        assert served(url) == 1
        assert "network.tflite" in refused(url)["detail"]


@pytest.mark.parametrize("which", [0, 1])
def test_two_workers_serve_on_if_the_model_is_deleted_and_one_worker_is_killed_right_after_the_start(
    store, encode, splits, which
):
    with serving.service(WORKERS="2", DIGITS_MODELS=str(store.root)) as (url, master):
        shutil.rmtree(store.root / "1")  # the other worker may not have loaded it yet
        killed = serving.workers(master)[which]
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(serving.workers(master)) == 2 and killed not in serving.workers(master))
        until(lambda: answers(url) and workers_that_serve(url, 1) == 2)
        with Steady(url, encode(splits.test.digits[0])) as load:
            load.await_version(1)
        assert {(status, answer["model"]["version"]) for status, answer in load.answers} == {(200, 1)}
        assert master.poll() is None
        assert killed not in (workers := serving.workers(master))
        assert len(workers) == 2


def test_the_model_of_numbers_follows_its_label_and_a_broken_version_is_refused(tmp_path, numbers_picture):
    numbers = Store(tmp_path / "numbers")
    for _ in range(3):
        numbers.publish(NUMBERS / "1")
    numbers.promote(1)
    os.truncate(numbers.root / "2" / "network.tflite", 1000)

    def refusal():
        return requests.get(f"{url}/health/ready", timeout=5).json()["models"][1]["refused"]

    def metrics():
        return requests.get(f"{url}/metrics", timeout=5).text

    def read():
        return requests.post(f"{url}/read", data=numbers_picture, headers=PNG, timeout=5).json()

    with serving.service(WORKERS="2", DIGITS_NUMBERS=str(numbers.root)) as (url, master):
        assert (read()["number"], read()["model"]) == ("71", {"name": "numbers", "version": 1})
        numbers.promote(2)
        until(lambda: 'digits_refused_versions{role="numbers"} 2.0' in metrics())
        assert "network.tflite: 1,000 bytes" in refusal()["detail"]
        assert refused(url) is None
        assert (read()["number"], read()["model"]["version"]) == ("71", 1)
        killed = serving.workers(master)[0]
        os.kill(killed, signal.SIGKILL)  # its successor serves the last good version
        until(lambda: len(serving.workers(master)) == 2 and killed not in serving.workers(master))
        until(lambda: answers(url) and 'digits_workers{role="numbers",version="1"} 2.0' in metrics())
        assert (read()["number"], read()["model"]["version"]) == ("71", 1)
        numbers.promote(3)
        until(lambda: 'digits_workers{role="numbers",version="3"} 2.0' in metrics())
        until(lambda: 'digits_refused_versions{role="numbers"} 0.0' in metrics())
        assert (read()["number"], read()["model"]["version"]) == ("71", 3)
        master.send_signal(signal.SIGTERM)
        output, _ = master.communicate(timeout=serving.PATIENCE)
    assert output.count("numbers: version 3 is served now") == 2


def test_a_model_of_digits_reads_no_numbers_and_the_service_does_not_start(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "service"],
        env=serving.environment(DIGITS_NUMBERS=str(STORE), PORT=str(serving.free_port())),
        cwd=serving.ROOT, capture_output=True, text=True, timeout=serving.PATIENCE,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "is a model of digits, not of numbers" in ended.stderr


def versions(reloader: Reloader, metrics: Metrics) -> ServedVersions[Predictor]:
    return ServedVersions(reloader.load_first(), lambda model, _: Predictor(model, metrics), metrics)


def test_what_a_library_says_of_a_version_is_for_the_log_alone(store, caplog):
    metrics = Metrics()
    reloader = Reloader(store, ArtifactFiles.read, "stable", precision=Config().precision, metrics=metrics)
    models = versions(reloader, metrics)
    replace_network(store)
    store.promote(2)
    assert not reloader.check(models)
    assert reloader.refused.version == 2
    assert reloader.refused.detail.startswith("2: the engine cannot run its network: the service's log says why")
    assert f"stable is not served: {store.root}/2: the engine cannot run its network: ValueError" in caplog.text


def test_a_process_that_may_open_no_more_files_refuses_no_version(store, caplog):
    metrics = Metrics()
    reloader = Reloader(store, ArtifactFiles.read, "stable", precision=Config().precision, metrics=metrics)
    models = versions(reloader, metrics)
    store.promote(2)
    with limit(resource.RLIMIT_NOFILE, 0):
        assert not reloader.check(models)
    assert (reloader.refused, caplog.text) == (None, "")
    assert reloader.check(models)
    assert models.served.model.version == 2


def test_a_version_given_by_its_number_is_not_followed(store):
    metrics = Metrics()
    reloader = Reloader(store, ArtifactFiles.read, "1", precision=Config().precision, metrics=metrics)
    reloader.start(versions(reloader, metrics))
    assert "reloader" not in {thread.name for thread in threading.enumerate()}
    reloader.close()
