from __future__ import annotations

import pytest

from service.server.head import Head, parse

CURL = b"""POST /predict HTTP/1.1
Host: localhost:8000
User-Agent: curl/8.5.0
Accept: */*
Content-Type: image/png
Content-Length: 254

"""
CHROMIUM = b"""POST /predict?canonical=1 HTTP/1.1
Host: [::1]:8000
Connection: keep-alive
Content-Length: 6093
sec-ch-ua-platform: "Linux"
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36
Content-Type: image/png
sec-ch-ua-mobile: ?0
Accept: */*
Origin: http://localhost:8000
Referer: http://localhost:8000/
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9

"""
NGINX = b"""POST /predict HTTP/1.1
X-Real-IP: 10.0.0.1
X-Forwarded-For: 10.0.0.1
X-Forwarded-Proto: https
Host: digits
Content-Type: application/json; charset=utf-8
X-Request-ID: a.b-c
Content-Length: 0

"""


def lines(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("sent", "head"),
    [
        (CURL, Head("/predict", b"", "image/png", "", 254, "")),
        (CHROMIUM, Head("/predict", b"canonical=1", "image/png", "", 6093, "")),
        (NGINX, Head("/predict", b"", "application/json; charset=utf-8", "a.b-c", 0, "")),
    ],
)
def test_what_clients_and_proxies_send_is_plain(sent, head):
    assert parse(lines(sent)) == head


@pytest.mark.parametrize(
    "field",
    [
        "Transfer-Encoding: chunked", "TE: trailers", "Trailer: X", "Upgrade: h2c", "Expect: 100-continue",
        "Connection: close", "Connection: upgrade", "Proxy-Connection: keep-alive", "X-Forwarded-Ssl: on",
        "Content-Encoding: gzip", "Host: other", "content-length: 254", "Accept: a", "Under_Score: 1", "Space : 1",
        " folded", "X: \x00", "X: \x7f", "X: \xe9", ": 1", "none", "",
    ],
)  # fmt: skip
def test_what_another_reader_might_read_otherwise_is_not(field):
    assert parse(lines(CURL[:-1]) + field.encode("latin-1") + b"\r\n\r\n") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"POST", b"post"),
        (b"POST", b"GET"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"/predict", b"/predict%20"),
        (b"/predict", b"/predict#x"),
        (b"/predict", b"http://x/predict"),
        (b"/predict", b"/predict?a?b"),
        (b"\r\n", b"\n"),
        (b"Host: localhost:8000\r\n", b""),
        (b"localhost:8000", b"user@localhost"),
        (b"localhost:8000", b""),
        (b"Content-Length: 254\r\n", b""),
        (b"254", b"+254"),
        (b"254", b"2 54"),
        (b"254", b"99999999999"),
        (b"*/*", b"*" * 9000),
        (b"Accept: */*", b"\r\n".join(b"X-%d: a" % n for n in range(100))),
    ],
)
def test_a_head_is_plain_only_as_a_whole(old, new):
    plain = lines(CURL)
    assert old in plain
    assert parse(plain.replace(old, new)) is None
