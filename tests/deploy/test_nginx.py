"""The committed nginx configuration in front of the service."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import requests
import yaml
from jsonschema import Draft202012Validator

from service.access.client_address import PER_MINUTE
from service.config import Config
from tests import serving
from tests.deploy.nginx import running
from tests.service.steady import CONCURRENCY, Steady, until

NGINX = serving.ROOT / "deploy" / "nginx"
PNG = {"Content-Type": "image/png"}


@contextmanager
def nginx(folder: Path, urls: list[str]) -> Iterator[str]:
    """Run the committed nginx in front of replicas; yield its address."""
    port = serving.free_port()
    server = (NGINX / "upstream.conf").read_text()
    lines = [server.replace("digits:8000", url.removeprefix("http://")) for url in urls]
    (folder / "upstream.conf").write_text("\n".join(lines))
    config = (NGINX / "nginx.conf").read_text()
    for listen, here in (("listen 8080 ", "127.0.0.1"), ("listen [::]:8080 ", "[::1]")):
        assert config.count(listen) == 1
        config = config.replace(listen, f"listen {here}:{port} ")
    with running(folder, config, port):
        yield f"http://127.0.0.1:{port}"


def answered(url: str) -> float:
    lines = requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    return sum(
        float(line.split()[-1]) for line in lines if line.startswith("digits_requests_total") and '"/predict"' in line
    )


@contextmanager
def dying() -> Iterator[tuple[list[str], list[str]]]:
    """Run three replicas that each take a whole request and end the connection; yield their addresses and the requests."""
    taken: list[str] = []

    class Replica(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def take(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            taken.append(f"{self.command} {self.path}")
            self.close_connection = True

        do_POST = do_DELETE = take  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Replica) for _ in range(3)]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield [f"http://127.0.0.1:{server.server_port}" for server in servers], taken
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def test_replicas_share_the_work_and_killing_one_loses_only_what_it_was_doing(tmp_path, encode, splits):
    with ExitStack() as stack:
        replicas = [stack.enter_context(serving.service()) for _ in range(3)]
        front = stack.enter_context(nginx(tmp_path, [url for url, _ in replicas]))
        with Steady(front, encode(splits.test.digits[0])) as load:
            until(lambda: len(load.answers) > 600)
            shares = [answered(url) for url, _ in replicas]
            assert min(shares) > 100
            _, master = replicas[0]
            for pid in [master.pid, *serving.workers(master)]:
                os.kill(pid, signal.SIGKILL)
            before = len(load.answers)
            until(lambda: len(load.answers) > before + 1000)
    assert load.failures == []
    lost = [answer for status, answer in load.answers if status != 200]
    assert len(lost) <= CONCURRENCY
    assert {answer["code"] for answer in lost} <= {"unavailable"}
    assert {answer["digit"] for status, answer in load.answers if status == 200} == {7}


def test_a_request_that_was_sent_is_not_sent_again(tmp_path):
    sent = ["POST /corrections", "POST /predict", "DELETE /corrections/1", "POST /v2/models/digits/infer"]
    with dying() as (urls, taken), nginx(tmp_path, urls) as front:
        for request in sent:
            method, path = request.split()
            reply = requests.request(method, front + path, data=b"x", headers=PNG, timeout=10)
            assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
            assert reply.json()["code"] == "unavailable"
    assert taken == sent


def test_a_request_goes_on_to_another_replica_if_one_cannot_be_reached(tmp_path, url):
    nobody = [f"http://127.0.0.1:{serving.free_port()}" for _ in range(2)]
    seven = (serving.ROOT / "docs" / "seven.png").read_bytes()
    with nginx(tmp_path, [*nobody, url]) as front:
        replies = [requests.post(f"{front}/predict", data=seven, headers=PNG, timeout=5) for _ in range(10)]
    assert [reply.status_code for reply in replies] == [200] * 10


@pytest.mark.parametrize("name", ['a","status":200,"code":"injected', "\\", "i" * 65])
def test_a_malformed_request_id_is_replaced_before_it_is_written_or_passed_on(tmp_path, url, name):
    nobody = f"http://127.0.0.1:{serving.free_port()}"
    for replica, status in ((nobody, 503), (url, 200)):
        folder = tmp_path / str(status)
        folder.mkdir()
        with nginx(folder, [replica]) as front:
            reply = requests.get(f"{front}/models", headers={"X-Request-ID": name}, timeout=10)
        assert reply.status_code == status
        assert re.fullmatch("[0-9a-f]{32}", reply.headers.get("X-Request-ID") or reply.json()["request_id"])


@pytest.mark.parametrize("host", ["::1", "unix"])
def test_nginx_listens_to_ipv6_and_reaches_replicas_by_ipv6_or_a_unix_socket(tmp_path, host):
    seven = (serving.ROOT / "docs" / "seven.png").read_bytes()
    host = f"unix:{tmp_path}/digits.sock" if host == "unix" else host
    with serving.service(HOST=host) as (url, _), nginx(tmp_path, [url]) as front:
        for address in (front, front.replace("127.0.0.1", "[::1]")):
            reply = requests.post(f"{address}/predict", data=seven, headers=PNG, timeout=10)
            assert reply.json()["digit"] == 7


def test_without_a_replica_the_response_is_a_problem_document(tmp_path):
    nobody = [f"http://127.0.0.1:{serving.free_port()}" for _ in range(3)]
    with nginx(tmp_path, nobody) as front:
        reply = requests.get(f"{front}/health/ready", headers={"X-Request-ID": "mine"}, timeout=10)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert (reply.json()["code"], reply.json()["request_id"]) == ("unavailable", "mine")


def test_requests_and_responses_pass_unchanged(tmp_path, url):
    seven = (serving.ROOT / "docs" / "seven.png").read_bytes()
    with nginx(tmp_path, [url]) as front:
        reply = requests.post(f"{front}/predict", data=seven, headers=PNG | {"X-Request-ID": "mine"}, timeout=5)
        anonymous = requests.post(f"{front}/predict", data=seven, headers=PNG, timeout=5)
        broken = requests.post(f"{front}/predict", data=b"x", headers=PNG, timeout=5)
        large = requests.post(f"{front}/predict", data=bytes((16 << 20) + 1), headers=PNG, timeout=10)
    assert (reply.json()["digit"], reply.json()["request_id"]) == (7, "mine")
    assert len(anonymous.json()["request_id"]) == 32
    assert broken.json()["code"] == "undecodable_image"
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


def test_the_replicas_trust_nginx_and_nobody_else():
    compose = yaml.load((NGINX / "compose.yml").read_text(), Loader)
    address = compose["services"]["nginx"]["networks"]["default"]["ipv4_address"]
    config = Config.from_environment(compose["services"]["digits"]["environment"])
    assert config.trusted_proxies == (ip_network(address),)
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert ip_address(address) in ip_network(network["subnet"])
    assert ip_address(address) not in ip_network(network["ip_range"])


def test_clients_behind_nginx_are_told_apart_and_cannot_name_themselves(tmp_path):
    def correct(front: str, client: str) -> int:
        headers = {"X-Forwarded-For": "9.9.9.9"}
        with requests.Session() as session:
            session.mount("http://", SourceAddress(client))
            return session.post(f"{front}/corrections", json={}, headers=headers, timeout=5).status_code

    database = f"sqlite:///{tmp_path}/corrections.db"
    with (
        serving.service(DIGITS_DATABASE_URL=database, DIGITS_TRUSTED_PROXIES="127.0.0.1") as (url, _),
        nginx(tmp_path, [url]) as front,
    ):
        assert 429 in [correct(front, "127.0.0.2") for _ in range(PER_MINUTE + 10)]
        assert correct(front, "127.0.0.3") == 400


class SourceAddress(requests.adapters.HTTPAdapter):
    """Connects from another address of this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: int, **options: object) -> None:
        super().init_poolmanager(*arguments, **options, source_address=(self._address, 0))
