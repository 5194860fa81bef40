"""API keys: which requests are let in, how often, and how keys are rotated."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import requests

from models.errors import RateLimited, Unauthorized
from service.access import api_keys as module
from service.access.api_keys import ApiKeys, add, presented_key
from service.access.rate_limit import LocalRates
from service.errors import ConfigError
from tests import serving
from tests.service.steady import until

SEVEN = (serving.ROOT / "docs" / "seven.png").read_bytes()
PNG = {"Content-Type": "image/png"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """Start a service with keys; yield its address, the file, a key without a rate and one with a rate."""
    path = tmp_path_factory.mktemp("keys") / "keys.txt"
    free, limited = add(path, "free"), add(path, "limited", 2)
    with serving.service(DIGITS_KEYS=str(path), WORKERS="2") as (url, _):
        yield url, path, free, limited


def ask(url, key=None, path="/predict", **headers):
    named = PNG | headers | ({"Authorization": f"Bearer {key}"} if key else {})
    return requests.post(f"{url}{path}", data=SEVEN, headers=named, timeout=5)


def test_a_key_is_accepted_in_either_header(guarded):
    url, _, free, _ = guarded
    assert ask(url, free).json()["digit"] == 7
    assert ask(url, **{"X-API-Key": free}).json()["digit"] == 7
    assert ask(url, Authorization=f"bearer {free}").json()["digit"] == 7


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer x"}, {"X-API-Key": "x"}, {"Authorization": "Basic eDp4"}]
)
@pytest.mark.parametrize("path", ["/predict", "/v2/models/digits/infer", "/v1/models/digits:predict"])
def test_a_request_without_a_valid_key_is_refused_on_every_endpoint(guarded, path, headers):
    reply = ask(guarded[0], path=path, **headers)
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Send a key" in (reply.json().get("detail") or reply.json()["error"])


def test_chunked_and_heavy_requests_need_a_key_too(guarded):
    url, _, free, _ = guarded
    for data in (iter([SEVEN]), SEVEN + bytes(100_000)):
        assert requests.post(f"{url}/predict", data=data, headers=PNG, timeout=5).status_code == 401
    headers = PNG | {"X-API-Key": free}
    assert requests.post(f"{url}/predict", data=iter([SEVEN]), headers=headers, timeout=5).status_code == 200


def test_probes_and_pages_need_no_key_and_everything_else_does(guarded):
    url, _, free, _ = guarded
    for path in ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready", "/", "/docs", "/openapi.json"):
        assert requests.get(url + path, timeout=5).status_code == 200, path
    for path in ("/metrics", "/models", "/v2", "/v1/models/digits"):
        assert requests.get(url + path, timeout=5).status_code == 401, path
        assert requests.get(url + path, headers={"X-API-Key": free}, timeout=5).status_code == 200, path


def test_the_rate_of_a_key_holds_across_workers_and_a_refusal_says_when_to_retry(guarded):
    url, _, _, limited = guarded
    began = time.monotonic()
    replies = [ask(url, limited) for _ in range(20)]
    seconds = time.monotonic() - began
    good = [reply for reply in replies if reply.status_code == 200]
    assert 2 <= len(good) <= 2 + 2 * seconds + 1
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) == 20 - len(good)
    for reply in refused:
        assert reply.json()["code"] == "rate_limited"
        assert reply.headers["Retry-After"] == "1"
    until(lambda: ask(url, limited).status_code == 200)


def test_keys_are_added_and_removed_without_a_restart(guarded):
    url, path, free, _ = guarded
    before = path.read_text()
    new = add(path, "new")
    until(lambda: all(ask(url, new).status_code == 200 for _ in range(8)))
    path.write_text(before)
    until(lambda: all(ask(url, new).status_code == 401 for _ in range(8)))
    assert ask(url, free).status_code == 200


def test_a_broken_file_is_logged_and_the_keys_stay_as_they_were(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(module, "RELOAD_SECONDS", -1)
    path = tmp_path / "keys.txt"
    key = add(path, "me")
    keys = ApiKeys(path, LocalRates())
    path.write_text("no key at all")
    assert keys.find(key).name == "me"
    assert "line 1: must be a name" in caplog.text
    path.unlink()
    assert keys.find(key).name == "me"
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    "text", ["name", "name 12", "name " + "g" * 64, "a b " + "0" * 64, "name " + "0" * 64 + " fast"]
)
def test_a_bad_line_stops_the_start_with_its_number(tmp_path, text):
    (tmp_path / "keys.txt").write_text(f"# keys\n\n{text}\n")
    with pytest.raises(ConfigError, match=r"line 3: must be a name, a sha256"):
        ApiKeys(tmp_path / "keys.txt", LocalRates())
    with pytest.raises(ConfigError, match="cannot be read"):
        ApiKeys(tmp_path / "nowhere.txt", LocalRates())


def test_the_command_adds_a_key_and_the_file_holds_only_its_hash(tmp_path):
    path = tmp_path / "keys.txt"
    ended = subprocess.run(
        [sys.executable, "-m", "service.access.api_keys", str(path), "me", "5"],
        capture_output=True,
        text=True,
        check=True,
        cwd=serving.ROOT,
    )
    key = ended.stdout.strip()
    assert key not in path.read_text()
    keys = ApiKeys(path, LocalRates())
    for _ in range(5):
        keys.acquire(keys.find(key))
    with pytest.raises(RateLimited, match="The key me may ask 5 times a second"):
        keys.acquire(keys.find(key))
    with pytest.raises(Unauthorized):
        keys.find(key + "x")


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("", 0),
        ("two words", 0),
        ("a\nb", 0),
        ("a\u2028b", 0),
        ("\x1b[2J", 0),
        ("#old", 0),
        ("a" * 65, 0),
        ("me", 10**6),
    ],
)
def test_a_key_that_the_next_start_would_refuse_is_not_made(tmp_path, name, rate):
    path = tmp_path / "keys.txt"
    add(path, "me")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="is no key: a name has 1 to 64"):
        add(path, name, rate)
    assert path.read_bytes() == before


def test_the_command_says_in_one_line_why_it_makes_no_key(tmp_path):
    command = [sys.executable, "-m", "service.access.api_keys", str(tmp_path / "keys.txt"), "two words"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=serving.ROOT)
    assert ended.returncode == 1
    assert ended.stderr.startswith("'two words' with a rate of 0 is no key:")
    assert ended.stderr.count("\n") == 1


def test_a_key_is_read_from_either_header():
    assert presented_key("Bearer abc", "") == presented_key("", "abc") == "abc"
    assert presented_key("Basic abc", "") == presented_key("", "") == ""
