"""API keys: who is let in, how often, and what a rotation needs."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import requests

from models.errors import RateLimited, Unauthorized
from service.access import api_keys as module
from service.access.api_keys import Keys, add, presented
from service.access.rate_limit import Rates
from service.config import ConfigError
from tests import serving
from tests.service.steady import until

SEVEN = (serving.ROOT / "docs" / "seven.png").read_bytes()
PNG = {"Content-Type": "image/png"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A service with keys: its address, the file, and a key without and one with a rate."""
    path = tmp_path_factory.mktemp("keys") / "keys.txt"
    free, limited = add(path, "free"), add(path, "limited", 2)
    with serving.service(DIGITS_KEYS=str(path), WORKERS="2") as (url, _):
        yield url, path, free, limited


def ask(url, key=None, path="/predict", **headers):
    named = PNG | headers | ({"Authorization": f"Bearer {key}"} if key else {})
    return requests.post(f"{url}{path}", data=SEVEN, headers=named, timeout=5)


def test_who_has_a_key_is_answered_however_he_shows_it(guarded):
    url, _, free, _ = guarded
    assert ask(url, free).json()["digit"] == 7
    assert ask(url, **{"X-API-Key": free}).json()["digit"] == 7
    assert ask(url, Authorization=f"bearer {free}").json()["digit"] == 7


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer x"}, {"X-API-Key": "x"}, {"Authorization": "Basic eDp4"}]
)
@pytest.mark.parametrize("path", ["/predict", "/v2/models/digits/infer", "/v1/models/digits:predict"])
def test_who_has_none_is_told_so_before_anything_is_read(guarded, path, headers):
    reply = ask(guarded[0], path=path, **headers)
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Send a key" in (reply.json().get("detail") or reply.json()["error"])


def test_chunked_and_heavy_requests_need_one_too(guarded):
    url, _, free, _ = guarded
    for data in (iter([SEVEN]), SEVEN + bytes(100_000)):
        assert requests.post(f"{url}/predict", data=data, headers=PNG, timeout=5).status_code == 401
    headers = PNG | {"X-API-Key": free}
    assert requests.post(f"{url}/predict", data=iter([SEVEN]), headers=headers, timeout=5).status_code == 200


def test_probes_and_pages_need_none_and_all_else_does(guarded):
    url, _, free, _ = guarded
    for path in ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready", "/", "/docs", "/openapi.json"):
        assert requests.get(url + path, timeout=5).status_code == 200, path
    for path in ("/metrics", "/models", "/v2", "/v1/models/digits"):
        assert requests.get(url + path, timeout=5).status_code == 401, path
        assert requests.get(url + path, headers={"X-API-Key": free}, timeout=5).status_code == 200, path


def test_who_asks_too_often_is_told_when_to_come_back_whichever_worker_he_asks(guarded):
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


def test_keys_come_and_go_without_a_restart(guarded):
    url, path, free, _ = guarded
    before = path.read_text()
    new = add(path, "new")
    until(lambda: all(ask(url, new).status_code == 200 for _ in range(8)))
    path.write_text(before)
    until(lambda: all(ask(url, new).status_code == 401 for _ in range(8)))
    assert ask(url, free).status_code == 200


def test_a_broken_file_changes_nothing_and_is_said(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(module, "RELOAD_SECONDS", -1)
    path = tmp_path / "keys.txt"
    key = add(path, "me")
    keys = Keys(path, Rates())
    path.write_text("no key at all")
    keys.admit(key)
    assert "line 1: must be a name" in caplog.text
    path.unlink()
    keys.admit(key)
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    "text", ["name", "name 12", "name " + "g" * 64, "a b " + "0" * 64, "name " + "0" * 64 + " fast"]
)
def test_a_bad_line_is_named_at_the_start(tmp_path, text):
    (tmp_path / "keys.txt").write_text(f"# keys\n\n{text}\n")
    with pytest.raises(ConfigError, match=r"line 3: must be a name, a sha256"):
        Keys(tmp_path / "keys.txt", Rates())
    with pytest.raises(ConfigError, match="cannot be read"):
        Keys(tmp_path / "nowhere.txt", Rates())


def test_the_file_holds_hashes_alone(tmp_path):
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
    keys = Keys(path, Rates())
    for _ in range(5):
        keys.admit(key)
    with pytest.raises(RateLimited, match="The key me may ask 5 times a second"):
        keys.admit(key)
    with pytest.raises(Unauthorized):
        keys.admit(key + "x")


def test_a_key_is_read_from_either_header():
    assert presented("Bearer abc", "") == presented("", "abc") == "abc"
    assert presented("Basic abc", "") == presented("", "") == ""
