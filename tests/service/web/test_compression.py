"""Pages, their files, weights and explanations are gzipped for clients that accept it."""

import gzip
import json

import pytest
import requests


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/static/draw/main.js", "/static/draw/draw.css", "/openapi.json", "/models/digits/weights/2"]
)
def test_large_text_is_gzipped_and_unchanged(client, path):
    plain, small = client.get(path, buffered=True), client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) == int(small.headers["Content-Length"]) < len(plain.data) / 2
    for answer in (plain, small):
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/static/icon-192.png", "/health/live", "/static/nothing.js"])
def test_images_and_short_responses_are_not_compressed(client, path):
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True).headers


def test_a_file_that_the_browser_has_is_not_sent_again(client):
    first = client.get("/static/draw/main.js", headers={"Accept-Encoding": "gzip"}, buffered=True)
    known = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    assert client.get("/static/draw/main.js", headers=known, buffered=True).status_code == 304


def test_a_gzipped_file_is_whole_through_the_real_server(url):
    answer = requests.get(f"{url}/static/api/openapi.json", timeout=10)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(answer.content)["openapi"] == "3.1.0"


def test_an_explanation_is_gzipped_if_the_client_accepts_it(send, encode, splits):
    def ask(accepted):
        return send(
            "POST", "/predict?explain=1", encode(splits.test.digits[0]), "image/png", {"Accept-Encoding": accepted}
        )

    plain, small = ask("identity"), ask("br, gzip")
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    for reply in (plain, small):
        assert "Accept-Encoding" in reply.headers["Vary"]
    whole = small.body if small.body.startswith(b"{") else gzip.decompress(small.body)
    assert json.loads(whole)["explanation"] == plain.json["explanation"]
    assert int(small.headers["Content-Length"]) < len(plain.body) / 4
