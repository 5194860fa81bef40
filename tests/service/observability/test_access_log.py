"""The log: enough to find a request again, and nothing of what the client sent."""

from __future__ import annotations

import calendar
import functools
import json
import logging
import os
import re
import signal
import time

import requests

from service.observability.access_log import AccessLog, JsonFormatter
from tests import serving
from tests.service.steady import answers, until

PNG = {"Content-Type": "image/png"}
SECRET = "c2VjcmV0-of-the-client"
ILL_FORMED = (
    '"',
    f'","{SECRET}":"',
    "a b",
    "a\tb",
    "a\u2028b".encode(),
    b"\x85",
    "a" * 65,
    "%0d%0ab",
    "a;b",
    "${a}",
    "\\n",
)
"""Request ids that could end a line or a string."""


@functools.cache
def logged(style):
    """Send a service some requests and return the lines that it logged; with `json` a worker is killed too."""
    with serving.service(DIGITS_LOG=style) as (url, master):
        seven = (serving.ROOT / "docs" / "seven.png").read_bytes()
        requests.post(f"{url}/predict?note={SECRET}", data=seven, headers=PNG | {"X-Request-ID": "mine"}, timeout=5)
        headers = PNG | {"X-Request-ID": "broken", "Authorization": f"Bearer {SECRET}"}
        requests.post(f"{url}/predict", data=SECRET.encode(), headers=headers, timeout=5)
        requests.get(f"{url}/models/{SECRET}", headers={"X-Request-ID": "nothing"}, timeout=5)
        for identity in ILL_FORMED:
            headers = PNG | {"X-Request-ID": identity}
            reply = requests.post(f"{url}/predict", data=b"x", headers=headers, timeout=5)
            assert re.fullmatch("[0-9a-f]{32}", reply.headers["X-Request-ID"])
            assert reply.json()["request_id"] == reply.headers["X-Request-ID"]
        if style == "json":
            os.kill(serving.workers(master)[0], signal.SIGKILL)
            until(lambda: answers(url))
        master.send_signal(signal.SIGTERM)
        output, _ = master.communicate(timeout=serving.PATIENCE)
    return output.splitlines()


def test_json_has_one_object_a_line_for_each_request_and_each_error():
    lines = [json.loads(line) for line in logged("json") if not line.startswith("Draw a digit")]
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    by_id = {line.get("request_id"): line for line in lines}
    assert by_id["mine"] | {"time": "", "ms": 0} == {
        "time": "", "level": "info", "event": "request", "method": "POST", "route": "/predict", "status": 200,
        "reason": None, "ms": 0, "request_id": "mine",
    }  # fmt: skip
    written = calendar.timegm(time.strptime(by_id["mine"]["time"][:19], "%Y-%m-%dT%H:%M:%S"))
    assert abs(time.time() - written) < 60
    (killed,) = [line for line in lines if "SIGKILL" in line["event"]]
    assert (killed["level"], killed["logger"]) == ("error", "gunicorn.error")


def test_text_has_one_line_for_each_request():
    lines = [line for line in logged("text") if "mine" in line or "broken" in line]
    assert len(lines) == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z POST /predict 200 \d+\.\d ms mine", lines[0])
    assert re.search(r"POST /predict 400 undecodable_image \d+\.\d ms broken$", lines[1])


def test_no_line_holds_any_part_of_a_query_a_body_a_key_or_a_path():
    for style in ("json", "text"):
        assert SECRET not in "\n".join(logged(style))


def test_no_request_id_ends_a_line_or_a_string():
    whole = r"[0-9T:.-]+Z (GET|POST) [/<>\w]+ \d+ (\w+ )?\d+\.\d ms [\w.-]{1,64}"
    requests_logged = [line for line in logged("text") if not line.startswith("Draw a digit")]
    assert all(re.fullmatch(whole, line) for line in requests_logged)
    lines = [json.loads(line) for line in logged("json") if not line.startswith("Draw a digit")]
    ids = [line["request_id"] for line in lines if "request_id" in line]
    assert sum(bool(re.fullmatch("[0-9a-f]{32}", identity)) for identity in ids) >= len(ILL_FORMED)


def test_an_event_is_one_line_of_json_whatever_it_quotes():
    quoted = 'a\nb\u2028c\x85d"\ud800'
    record = logging.LogRecord("service", logging.ERROR, "", 0, "failed: %s", (quoted,), None)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["event"] == f"failed: {quoted}"


def test_quiet_logs_no_requests():
    assert [line for line in logged("quiet") if not line.startswith("Draw a digit")] == []


def test_lines_of_several_processes_do_not_mix():
    reading, writing = os.pipe()
    children = []
    for _ in range(4):
        if not (child := os.fork()):
            access_log = AccessLog("json", writing)
            for n in range(100):
                access_log.request("POST", "/predict", 200, "", 0.001, "x" * 64 + str(n))
            os._exit(0)
        children.append(child)
    os.close(writing)
    with os.fdopen(reading) as lines:
        assert len([json.loads(line) for line in lines]) == 400
    for child in children:
        os.waitpid(child, 0)
