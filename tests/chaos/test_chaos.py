"""The short form of `make chaos`, and what its report counts as lost and wrong."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import Counter

import pytest

from tests.chaos.connection import Kill, kill
from tests.chaos.hostile import Sent
from tests.chaos.load import Answer
from tests.chaos.report import QUIET, Phase, Report
from tests.chaos.samples import fault
from tests.serving import ROOT

MINUTES = "0.5"
THREADED = """
import socket, threading, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
client, _ = listener.accept()
memory = b"x" * 500_000_000
for _ in range(8):
    threading.Thread(target=lambda: [time.sleep(0.0001) for _ in iter(int, 1)]).start()
client.send(b".")
"""
PHASES = [Phase(QUIET, 0, 10), Phase("bombs", 10, 20)]


def report(*answers: Answer, kills=(), hostile=()) -> Report:
    return Report(PHASES, list(answers), list(kills), [], list(hostile))


def answer(sent: float, status: int, port: int = 1, fault: str = "") -> Answer:
    return Answer("light", sent, 0.01, status, port, fault)


def test_nothing_is_lost_but_by_a_kill_and_nothing_is_wrong_whatever_is_done_to_the_service(tmp_path) -> None:
    """Latency depends on the machine, so that only `make chaos` compares it."""
    file = tmp_path / "chaos.json"
    command = [sys.executable, "-m", "tests.chaos", "--minutes", MINUTES, "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(file.read_bytes())["rows"]
    assert sum(row["lost"] + row["wrong"] for row in rows) == 0
    assert all(row["answered"] for row in rows)


def test_a_request_is_excused_only_by_the_death_of_the_worker_that_had_it() -> None:
    lost = "no answer"
    kills = [Kill(11.9, 12.0, {7, 8})]
    rows = report(
        answer(11.95, 0, port=7, fault=lost), answer(11.95, 0, port=9, fault=lost), answer(13, 0, port=8, fault=lost),
        answer(11, 0, port=8, fault=lost),
        answer(5, 200), answer(11, 503), kills=kills,
    ).rows  # fmt: skip
    assert (rows[QUIET].answered, rows[QUIET].lost) == (1, 0)
    bombs = rows["bombs"]
    assert (bombs.sent, bombs.killed, bombs.lost, bombs.refused) == (5, 1, 3, 1)


def test_connections_have_ended_when_a_kill_has() -> None:
    """The process has threads and much memory, so that the last thread ends later than the first."""
    with subprocess.Popen([sys.executable, "-c", THREADED], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert client.recv(1) == b"."
            death = kill(process.pid, port)
            assert client.getsockname()[1] in death.clients
            client.setblocking(False)
            assert client.recv(1) == b""


def test_wrong_answers_and_undeclared_errors_are_broken() -> None:
    assert report(answer(5, 200)).broken() == []
    assert report(answer(5, 200, fault="version 1 says 2")).broken()
    assert report(answer(5, 500, fault="500: ")).broken()
    assert report(answer(5, 0, fault="no answer")).broken()
    assert report(hostile=[Sent("bombs", {"400": 3, "503": 1, "none": 2}, 1.0)]).broken() == []
    assert report(hostile=[Sent("bombs", {"500": 1}, 1.0)]).broken()


def test_an_answer_must_be_that_of_the_version_that_it_names() -> None:
    document = {"digit": 1, "accepted": True, "probabilities": [0.25, 0.75], "model": {"version": 2}}
    right = {1: [(0, True, [0.75, 0.25])], 2: [(1, True, [0.25, 0.75])]}
    assert fault(document, right) == ""
    assert fault({"predictions": [document]}, right) == ""
    for change in ({"model": {"version": 1}}, {"model": {"version": 9}}, {"probabilities": [0.3, 0.7]}, {"digit": 0}):
        assert fault(document | change, right)
    assert fault({"predictions": [document, document]}, right)
    assert fault({"code": "x"}, right)


def test_hostile_answers_are_added_up() -> None:
    sent = [Sent("bombs", {"413": 2}, 1.0), Sent("bombs", {"413": 1, "504": 1}, 0.5)]
    bombs = report(hostile=sent).rows["bombs"]
    assert (bombs.senders, bombs.senders_slowest) == (Counter({"413": 3, "504": 1}), 1.0)


@pytest.mark.parametrize("slow", [False, True])
def test_a_disturbance_that_slows_light_requests_is_named(slow) -> None:
    answers = [answer(5, 200), answer(15, 200)._replace(seconds=0.03 if slow else 0.01)]
    assert bool(report(*answers).slow()) == slow
