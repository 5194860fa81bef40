"""The committed nginx configuration in front of three real replicas."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
import yaml
from jsonschema import Draft202012Validator

from tests import serving
from tests.service.steady import Steady, answers, until

NGINX = serving.ROOT / "deploy" / "nginx"
PNG = {"Content-Type": "image/png"}


class Front:
    """nginx in front of replicas.

    Attributes:
        url: of nginx.
        replicas: address and gunicorn master of each.
    """

    def __init__(self, url: str, replicas: list[tuple[str, subprocess.Popen[str]]]) -> None:
        self.url = url
        self.replicas = replicas


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    port = serving.free_port()
    with ExitStack() as stack:
        replicas = [stack.enter_context(serving.service()) for _ in range(3)]
        server = (NGINX / "upstream.conf").read_text()
        lines = [server.replace("digits:8000", url.removeprefix("http://")) for url, _ in replicas]
        (tmp_path / "upstream.conf").write_text("\n".join(lines))
        config = (NGINX / "nginx.conf").read_text()
        assert config.count("listen 8080 ") == 1
        (tmp_path / "nginx.conf").write_text(config.replace("listen 8080 ", f"listen 127.0.0.1:{port} "))
        user = "user root; " if os.geteuid() == 0 else ""  # the owner of the folder
        nginx = subprocess.Popen(
            ["nginx", "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-g", f"{user}daemon off;"],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}"))
            yield Front(f"http://127.0.0.1:{port}", replicas)
        finally:
            nginx.send_signal(signal.SIGQUIT)
            nginx.communicate(timeout=serving.PATIENCE)


def answered(url: str) -> float:
    lines = requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    return sum(
        float(line.split()[-1]) for line in lines if line.startswith("digits_requests_total") and '"/predict"' in line
    )


def test_replicas_share_the_work_and_killing_one_fails_no_request(front, encode, splits):
    with Steady(front.url, encode(splits.test.digits[0])) as load:
        until(lambda: len(load.answers) > 600)
        shares = [answered(url) for url, _ in front.replicas]
        assert min(shares) > 100
        _, master = front.replicas[0]
        for pid in [master.pid, *serving.workers(master)]:
            os.kill(pid, signal.SIGKILL)
        before = len(load.answers)
        until(lambda: len(load.answers) > before + 1000)
    assert load.failures == []
    assert Counter(status for status, _ in load.answers).keys() == {200}
    assert {answer["digit"] for _, answer in load.answers} == {7}


def test_without_a_replica_the_response_is_a_problem_document(front):
    for _, master in front.replicas:
        for pid in [master.pid, *serving.workers(master)]:
            os.kill(pid, signal.SIGKILL)
        master.wait()
    reply = requests.get(f"{front.url}/health/ready", headers={"X-Request-ID": "mine"}, timeout=10)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert (reply.json()["code"], reply.json()["request_id"]) == ("unavailable", "mine")


def test_requests_and_responses_pass_unchanged(front):
    seven = (serving.ROOT / "docs" / "seven.png").read_bytes()
    reply = requests.post(f"{front.url}/predict", data=seven, headers=PNG | {"X-Request-ID": "mine"}, timeout=5)
    assert (reply.json()["digit"], reply.json()["request_id"]) == (7, "mine")
    assert len(requests.post(f"{front.url}/predict", data=seven, headers=PNG, timeout=5).json()["request_id"]) == 32
    assert (
        requests.post(f"{front.url}/predict", data=b"x", headers=PNG, timeout=5).json()["code"] == "undecodable_image"
    )
    large = requests.post(f"{front.url}/predict", data=bytes((16 << 20) + 1), headers=PNG, timeout=10)
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")


class Loader(yaml.SafeLoader):
    """A YAML loader that knows compose's own tags."""


Loader.add_constructor("!reset", lambda loader, node: [])


def test_the_compose_file_is_valid_and_mounts_existing_files():
    compose = yaml.load((NGINX / "compose.yml").read_text(), Loader)
    schema = json.loads((serving.ROOT / "tests" / "container" / "compose-spec.json").read_bytes())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(compose)] == []
    for volume in compose["services"]["nginx"]["volumes"]:
        assert (serving.ROOT / volume.partition(":")[0]).is_file()
    assert shutil.which("nginx")
