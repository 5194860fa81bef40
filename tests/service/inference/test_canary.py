"""A second version beside the first: it answers a share of the requests, or is only compared with the first."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import requests
from ai_edge_litert.interpreter import Interpreter

from models.registry.contract import CONTRACT_FILE, ENGINE_FILES
from models.registry.reference import REFERENCE_FILE
from models.registry.store import ARTIFACTS, Store
from service.inference.canary import bucket
from tests import serving
from tests.service.steady import until

PNG = {"Content-Type": "image/png"}
SEVEN = (serving.ROOT / "docs" / "seven.png").read_bytes()


@pytest.fixture
def store(tmp_path):
    """Version 1 is stable; 2 is the canary and answers 0 for every image; 3 is broken."""
    store = Store(tmp_path / "digits")
    for _ in range(3):
        store.publish(Store(ARTIFACTS / "digits").resolve(1))
    always_answer_0(store.root / "2")
    for name in ENGINE_FILES.values():
        (store.root / "3" / name).write_bytes(b"broken")
    store.promote(1)
    store.promote(2, "canary")
    return store


def always_answer_0(directory):
    """Give the logit of 0 a bias that outweighs every other logit."""
    contract = directory / CONTRACT_FILE
    document = json.loads(contract.read_bytes())
    del document["files"][REFERENCE_FILE]  # with its reference digits it would be refused
    for name in ENGINE_FILES.values():
        network = (directory / name).read_bytes()
        interpreter = Interpreter(model_content=network)
        (tensor,) = [t for t in interpreter.get_tensor_details() if t["shape"].tolist() == [10]]
        bias = interpreter.get_tensor(tensor["index"]).tobytes()
        assert network.count(bias) == 1
        changed = network.replace(bias, np.array([1000.0] + [0.0] * 9, np.float32).tobytes())
        (directory / name).write_bytes(changed)
        document["files"][name]["sha256"] = hashlib.sha256(changed).hexdigest()
    contract.write_text(json.dumps(document))


def serve(store, **settings):
    return serving.service(DIGITS_MODELS=str(store.root), **settings)


def ask(url, key=None, query=""):
    headers = PNG | ({"X-Request-Key": key} if key else {})
    return requests.post(f"{url}/predict{query}", data=SEVEN, headers=headers, timeout=5)


def version(url, *asked):
    return ask(url, *asked).json()["model"]["version"]


def metric(url, name):
    lines = requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0.0)


def loaded(url, version):
    return metric(url, f'digits_workers{{role="canary",version="{version}"}}') == 1


def test_the_canary_answers_its_share_of_the_keys_and_always_the_same_keys(store):
    with serve(store, DIGITS_CANARY_SHARE="30") as (url, _):
        until(lambda: loaded(url, 2))
        keys = [f"caller-{n}" for n in range(300)]
        expected = [2 if bucket(key) < 30 else 1 for key in keys]
        assert 60 < expected.count(2) < 120
        for _ in range(2):
            assert [version(url, key) for key in keys] == expected
        assert {version(url) for _ in range(60)} == {1, 2}


def test_a_client_may_choose_between_the_two_versions(store):
    with serve(store, DIGITS_CANARY_SHARE="50") as (url, _):
        until(lambda: loaded(url, 2))
        for asked in (1, 2) * 10:
            assert version(url, None, f"?version={asked}") == asked
            path = f"{url}/v2/models/digits/versions/{asked}/infer"
            document = {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 28, 28], "data": [0] * 784}]}
            assert requests.post(path, json=document, timeout=5).json()["model_version"] == str(asked)
        reply = ask(url, None, "?version=3")
        assert (reply.status_code, reply.json()["code"]) == (404, "no_such_version")


def test_the_shadow_answers_no_request_and_compares_every_one(store):
    with serve(store, DIGITS_SHADOW_SHARE="100") as (url, _):
        until(lambda: loaded(url, 2))
        answers = {(answer["model"]["version"], answer["digit"]) for answer in (ask(url).json() for _ in range(40))}
        assert answers == {(1, 7)}
        until(lambda: sum(metric(url, f'digits_compared_total{{agrees="{answer}"}}') for answer in ("yes", "no")) == 40)
        assert metric(url, 'digits_compared_total{agrees="no"}') == 40
        assert metric(url, 'digits_stage_seconds_count{stage="canary"}') == 40
        assert metric(url, 'digits_stage_seconds_count{stage="infer"}') == 40


def test_a_canary_can_be_set_unset_and_replaced_and_a_broken_one_is_refused(store):
    with serve(store, DIGITS_CANARY_SHARE="100") as (url, _):
        until(lambda: version(url) == 2)
        (store.root / "labels.json").write_text('{"stable": 1, "canary": null}')
        until(lambda: version(url) == 1)
        assert metric(url, 'digits_refused_versions{role="canary"}') == 0
        store.promote(3, "canary")
        until(lambda: metric(url, 'digits_refused_versions{role="canary"}') == 1)
        assert version(url) == 1
        assert requests.get(f"{url}/health/ready", timeout=5).json()["refused"] is None
        store.promote(2, "canary")
        until(lambda: version(url) == 2)


def test_without_a_share_the_canary_label_is_ignored(store):
    with serve(store) as (url, _):
        assert {version(url) for _ in range(20)} == {1}
        assert ask(url, None, "?version=2").status_code == 404
        assert version(url, None, "?version=1") == 1


def test_keys_are_spread_evenly_over_the_buckets():
    buckets = [bucket(f"caller-{n}") for n in range(10_000)]
    assert min(buckets.count(n) for n in range(100)) > 50
    assert {bucket("me") for _ in range(3)} == {bucket("me")}
