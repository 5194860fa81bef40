"""`python -m service`, which is what `make serve` runs, as a process."""

import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

from tests import serving


def start(**settings):
    command = [sys.executable, "-m", "service"]
    return subprocess.run(
        command, cwd=serving.ROOT, env=serving.environment(**settings), capture_output=True, text=True, timeout=30
    )


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"PORT": "eighty"}, "PORT: must be a whole number from 1 to 65535, not 'eighty'"),
        ({"WORKERS": "0"}, "WORKERS: must be a whole number from 1 to 256, not '0'"),
        ({"HOST": "256.1.1.1"}, "cannot listen on 256.1.1.1 port 8000"),
        ({"DIGITS_MAX_PIXELS": "many"}, "DIGITS_MAX_PIXELS: must be a whole number of at least 784, not 'many'"),
        ({"DIGITS_PRECISION": "int4"}, "DIGITS_PRECISION: must be float32 or int8, not 'int4'"),
        ({"DIGITS_MODEL": "x"}, "DIGITS_MODEL: no such setting"),
        ({"DIGITS_VERSION": "99"}, "no 99; versions there: 1"),
        ({"DIGITS_MODELS": "nowhere"}, "none; train one with `make train`"),
    ],
)
def test_a_bad_setting_is_one_clear_line_and_a_failure(settings, complaint):
    ended = start(**settings)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert complaint in ended.stderr


def test_a_taken_port_is_one_clear_line_and_a_failure():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = start(PORT=port)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"service: cannot listen on 127.0.0.1 port {port} (Address already in use); set HOST or PORT to another"
    ]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_serves_and_stops_cleanly(stop):
    with serving.service(WORKERS="2") as (url, process):
        assert requests.get(f"{url}/health/live", timeout=5).json() == {"status": "live"}
        process.send_signal(stop)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert output == f"Draw a digit at {url.replace('127.0.0.1', 'localhost')}  (Ctrl-C stops)\n"


def test_float32_serves_too(encode, splits):
    with serving.service(DIGITS_PRECISION="float32") as (url, _):
        reply = requests.post(
            f"{url}/predict", data=encode(splits.test.digits[0]), headers={"Content-Type": "image/png"}, timeout=5
        )
    assert reply.json()["digit"] == 7


def test_no_tensorflow_is_loaded_by_the_serving_process():
    with serving.service() as (_, process):
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True).stdout
        for pid in [process.pid, *map(int, children.split())]:
            with open(f"/proc/{pid}/maps") as maps:
                assert not re.search("tensorflow|keras", maps.read())
