"""Pages of other origins, by the headers of CORS and in a browser."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import sync_playwright

from service import create_app
from service.access import api_keys
from service.access.origins import EXPOSED
from service.config import Config
from service.services import Services
from tests import serving
from tests.browser import chromium
from tests.textbook import NUMBERS, STORE

SITE = "https://site.example"
OTHER = "https://other.example"
SEVEN = (serving.ROOT / "docs" / "seven.png").read_bytes()
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key,x-own"}


@pytest.fixture(scope="module")
def open_url() -> Iterator[str]:
    """Start a service that pages of SITE may ask."""
    with serving.service(DIGITS_ORIGINS=f"{SITE},http://localhost:5173") as (url, _):
        yield url


@pytest.fixture(scope="module", params=["server", "flask"])
def ask(request):
    """ask(method, path, origin, body, headers) -> status and headers of a service that pages of SITE may ask."""
    if request.param == "server":
        url = request.getfixturevalue("open_url")

        def ask(method, path, origin=None, body=b"", headers=None):
            named = {"Content-Type": "image/png"} | (headers or {}) | ({"Origin": origin} if origin else {})
            reply = requests.request(method, url + path, data=body, headers=named, timeout=10)
            return reply.status_code, reply.headers
    else:
        client = create_app(Services(Config(models=STORE, numbers=NUMBERS, origins=(SITE,)))).test_client()

        def ask(method, path, origin=None, body=b"", headers=None):
            named = {"Content-Type": "image/png"} | (headers or {}) | ({"Origin": origin} if origin else {})
            reply = client.open(path, method=method, headers=named, data=body, buffered=True)
            return reply.status_code, dict(reply.headers)

    return ask


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/predict", SEVEN, 200),
        ("POST", "/predict?explain=1", SEVEN, 200),
        ("POST", "/read", SEVEN, 200),
        ("POST", "/predict", b"broken", 400),
        ("POST", "/predict", bytes((16 << 20) + 1), 413),
        ("POST", "/v2/models/digits/infer", b"{}", 400),
        ("GET", "/health/ready", b"", 200),
        ("GET", "/models", b"", 200),
        ("GET", "/nowhere", b"", 404),
        ("GET", "/predict", b"", 405),
    ],
)
def test_each_answer_may_be_read_by_pages_of_named_origins_alone(ask, method, path, body, status):
    answered, headers = ask(method, path, SITE, body)
    assert (answered, headers["Access-Control-Allow-Origin"]) == (status, SITE)
    assert headers["Access-Control-Expose-Headers"] == EXPOSED
    assert "Access-Control-Allow-Credentials" not in headers
    for origin in (OTHER, "null", f"{SITE}.other.example", f"{SITE}:8443", "http://site.example", None):
        answered, headers = ask(method, path, origin, body)
        assert answered == status
        assert [name for name in headers if name.startswith("Access-Control")] == []
        assert "Origin" in headers["Vary"]


@pytest.mark.parametrize(
    ("path", "method"),
    [("/predict", "POST"), ("/corrections/x", "DELETE"), ("/models", "GET"), ("/v1/models/digits:predict", "POST")],
)
def test_a_preflight_is_answered(ask, path, method):
    asked = ASKED | {"Access-Control-Request-Method": method}
    status, headers = ask("OPTIONS", path, SITE, headers=asked)
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == SITE
    assert method in headers["Access-Control-Allow-Methods"].split(", ")
    assert headers["Access-Control-Allow-Headers"] == "content-type,x-api-key,x-own"
    assert int(headers["Access-Control-Max-Age"]) > 0
    _, headers = ask("OPTIONS", path, OTHER, headers=asked)
    assert [name for name in headers if name.startswith("Access-Control")] == []


def test_without_the_setting_nothing_is_said(url):
    for method in ("OPTIONS", "POST"):
        headers = requests.request(method, f"{url}/predict", headers=ASKED | {"Origin": SITE}, timeout=10).headers
        assert [name for name in headers if name.startswith("Access-Control") or name == "Vary"] == []


def test_a_preflight_needs_no_key_and_the_request_behind_it_does(tmp_path):
    file = tmp_path / "keys.txt"
    key = api_keys.add(file, "page")
    with serving.service(DIGITS_KEYS=str(file), DIGITS_ORIGINS=SITE) as (url, _):
        preflight = requests.options(f"{url}/predict", headers=ASKED | {"Origin": SITE}, timeout=10)
        headers = {"Origin": SITE, "Content-Type": "image/png"}
        without = requests.post(f"{url}/predict", data=SEVEN, headers=headers, timeout=10)
        with_key = requests.post(f"{url}/predict", data=SEVEN, headers=headers | {"X-API-Key": key}, timeout=10)
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (200, SITE)
    assert (without.status_code, without.headers["Access-Control-Allow-Origin"]) == (401, SITE)
    assert with_key.json()["digit"] == 7


def test_a_browser_lets_the_page_of_a_named_origin_read_the_answer_and_no_other(tmp_path: Path):
    (tmp_path / "page.html").write_text("<!doctype html><title>another site</title>")
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        named, other = f"http://localhost:{site.server_port}", f"http://127.0.0.1:{site.server_port}"
        with serving.service(DIGITS_ORIGINS=named) as (url, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.arguments())
            answers = [said(browser, f"{origin}/page.html", url) for origin in (named, other)]
            browser.close()
        site.shutdown()
    assert answers == ["7", "TypeError: Failed to fetch"]


def said(browser, page_url: str, url: str) -> str:
    page = browser.new_page()
    page.goto(page_url)
    document = json.dumps({"strokes": [[[60, 60], [220, 60], [120, 240]]]})
    answer = page.evaluate(
        """([url, body]) => fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body })
            .then((response) => response.json()).then(({ digit }) => `${digit}`, (error) => `${error}`)""",
        [f"{url}/predict", document],
    )
    page.close()
    return answer


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Hands out files, and prints nothing."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""
