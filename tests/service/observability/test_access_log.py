"""What the service logs: enough to find a request again, and nothing of what was sent."""

from __future__ import annotations

import calendar
import json
import os
import re
import signal
import time

import requests

from service.observability.access_log import Journal
from tests import serving
from tests.service.steady import answers, until

PNG = {"Content-Type": "image/png"}
SECRET = "c2VjcmV0-of-the-caller"


def logged(style, *, kill=False):
    """What a service wrote while it was asked for a few things."""
    with serving.service(DIGITS_LOG=style) as (url, master):
        seven = (serving.ROOT / "docs" / "seven.png").read_bytes()
        requests.post(f"{url}/predict?note={SECRET}", data=seven, headers=PNG | {"X-Request-ID": "mine"}, timeout=5)
        headers = PNG | {"X-Request-ID": "broken", "Authorization": f"Bearer {SECRET}"}
        requests.post(f"{url}/predict", data=SECRET.encode(), headers=headers, timeout=5)
        requests.get(f"{url}/models/{SECRET}", headers={"X-Request-ID": "nothing"}, timeout=5)
        if kill:
            os.kill(serving.workers(master)[0], signal.SIGKILL)
            until(lambda: answers(url))
        master.send_signal(signal.SIGTERM)
        output, _ = master.communicate(timeout=serving.PATIENCE)
    return output.splitlines()


def test_json_is_one_object_a_line_for_requests_and_for_what_goes_wrong():
    lines = [json.loads(line) for line in logged("json", kill=True) if not line.startswith("Draw a digit")]
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


def test_text_is_one_readable_line_a_request():
    lines = [line for line in logged("text") if "mine" in line or "broken" in line]
    assert len(lines) == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z POST /predict 200 \d+\.\d ms mine", lines[0])
    assert re.search(r"POST /predict 400 undecodable_image \d+\.\d ms broken$", lines[1])


def test_nothing_of_what_was_sent_is_ever_in_the_log():
    for style in ("json", "text"):
        assert SECRET not in "\n".join(logged(style))


def test_quiet_says_nothing_of_requests():
    assert [line for line in logged("quiet") if not line.startswith("Draw a digit")] == []


def test_lines_of_many_writers_do_not_mix():
    reading, writing = os.pipe()
    children = []
    for _ in range(4):
        if not (child := os.fork()):
            journal = Journal("json", writing)
            for n in range(100):
                journal.request("POST", "/predict", 200, "", 0.001, "x" * 64 + str(n))
            os._exit(0)
        children.append(child)
    os.close(writing)
    with os.fdopen(reading) as lines:
        assert len([json.loads(line) for line in lines]) == 400
    for child in children:
        os.waitpid(child, 0)
