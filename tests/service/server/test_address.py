"""Where the service listens: every spelling of an IPv6 address, and Unix sockets."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest
import requests

from service.access.client_address import PER_MINUTE
from service.config import Config
from service.errors import ConfigError
from service.server import address
from tests import serving

SEVEN = (serving.ROOT / "docs" / "seven.png").read_bytes()
PNG = {"Content-Type": "image/png"}


def test_each_spelling_of_an_address_is_read():
    spelt = {"::": "::", "[::]": "::", "::1": "::1", "[::1]": "::1", " [fd00::7] ": "fd00::7", "localhost": "localhost",
             "0.0.0.0": "0.0.0.0", "unix:/run/a": "unix:/run/a", "unix:a.sock": "unix:a.sock", "unix:///run/a": "unix:/run/a"}  # fmt: skip
    assert {text: Config.from_environment({"HOST": text}).host for text in spelt} == spelt


@pytest.mark.parametrize(
    ("host", "complaint"),
    [
        ("127.0.0.1:8000", "without a port, which PORT sets"),
        ("[::1]:8000", "without a port, which PORT sets"),
        ("localhost:", "without a port, which PORT sets"),
        ("fe80::1%eth0", "without a zone"),
        ("unix:", "a path of 1 to 107 bytes"),
        ("unix:/" + "a" * 107, "a path of 1 to 107 bytes"),
    ],
)
def test_what_is_no_address_is_refused(host, complaint):
    with pytest.raises(ConfigError, match=complaint):
        Config.from_environment({"HOST": host})


@pytest.mark.parametrize(
    ("host", "bound", "shown"),
    [
        ("::", "[::]:8000", "http://localhost:8000 "),
        ("::1", "[::1]:8000", "http://[::1]:8000 "),
        ("10.0.0.7", "10.0.0.7:8000", "http://10.0.0.7:8000 "),
        ("localhost", "127.0.0.1:8000", "http://localhost:8000 "),
        ("unix:/run/a", "unix:/run/a", "unix:/run/a "),
    ],
)
def test_the_address_is_written_for_gunicorn_and_for_people(host, bound, shown):
    config = Config(host=host)
    assert address.bind(config) == bound
    assert shown in address.announcement(config)


@pytest.mark.parametrize("host", ["::", "[::]", "::1", "[::1]"])
def test_the_service_answers_by_ipv6_and_by_ipv4_where_it_listens_to_all(host):
    with serving.service(HOST=host) as (url, process):
        port = url.rpartition(":")[2]
        for loopback in ("[::1]", "127.0.0.1") if host.strip("[]") == "::" else ("[::1]",):
            reply = requests.post(f"http://{loopback}:{port}/predict", data=SEVEN, headers=PNG, timeout=10)
            assert reply.json()["digit"] == 7
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=serving.PATIENCE)
    shown = "localhost" if host.strip("[]") == "::" else "[::1]"
    assert output == f"Draw a digit at http://{shown}:{port}  (Ctrl-C stops)\n"


def test_an_ipv6_address_that_is_taken_is_one_clear_line():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ConfigError, match=rf"^cannot listen on ::1 port {port} \(Address already in use\); set HOST or"
        ):
            address.check(Config(host="::1", port=port))


def post(target: str, body: bytes, *fields: bytes) -> bytes:
    lines = (b"POST " + target.encode() + b" HTTP/1.1", b"Host: any.example", b"Connection: close", *fields)
    return b"\r\n".join((*lines, b"Content-Length: %d" % len(body), b"", body))


def test_the_service_answers_at_a_unix_socket_to_any_name_and_takes_it_away_at_its_end(tmp_path):
    path = tmp_path / "digits.sock"
    with serving.service(HOST=f"unix:{path}") as (where, process):
        assert b'"digit":7' in serving.ask_socket(where, post("/predict", SEVEN, b"Content-Type: image/png"))
        large = SEVEN[:-12] + b"\0\x01\x86\xa0tEXt" + bytes(100_000) + b"\0\0\0\0" + SEVEN[-12:]
        assert b'"digit":7' in serving.ask_socket(where, post("/predict", large, b"Content-Type: image/png"))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=serving.PATIENCE)
    assert output == f"Listening on unix:{path}  (Ctrl-C stops)\n"
    assert not path.exists()


def test_a_socket_that_a_killed_service_left_is_replaced_and_one_in_use_is_not(tmp_path):
    path = tmp_path / "digits.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    config = Config(host=f"unix:{path}")
    address.check(config)
    with serving.service(HOST=config.host), pytest.raises(ConfigError, match="Address already in use"):
        address.check(config)


def test_a_path_where_no_socket_can_be_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("kept")
    for path, why in ((tmp_path / "file", "File exists"), (tmp_path / "none" / "a", "No such file or directory")):
        environment = serving.environment(HOST=f"unix:{path}")
        ended = subprocess.run(
            [sys.executable, "-m", "service"],
            cwd=serving.ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert ended.returncode == 1
        assert ended.stderr == f"service: cannot listen on unix:{path} ({why}); set HOST to another\n"
    assert (tmp_path / "file").read_text() == "kept"


def test_clients_behind_a_proxy_at_a_unix_socket_are_told_apart(tmp_path):
    settings = {"DIGITS_DATABASE_URL": f"sqlite:///{tmp_path}/c.db", "DIGITS_TRUSTED_PROXIES": "127.0.0.1"}
    with serving.service(HOST=f"unix:{tmp_path}/digits.sock", **settings) as (where, _):

        def correct(client: bytes) -> bytes:
            fields = (b"Content-Type: application/json", b"X-Forwarded-For: " + client)
            return serving.ask_socket(where, post("/corrections", b"{}", *fields))[9:12]

        assert b"429" in [correct(b"198.51.100.9") for _ in range(PER_MINUTE + 10)]
        assert correct(b"198.51.100.10") == b"400"
