"""The file of HTTP requests that wrk sends in turn: different bodies under heads that differ in length and values."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice

HEADS_PER_BODY = 4
REQUEST_IDS = (8, 16, 32, 36)
"""Lengths of X-Request-ID."""
USER_AGENTS = (
    "python-requests/2.32.5",
    "Java-http-client/21.0.5",
    "okhttp/4.12.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
)
ACCEPTS = ("*/*", "application/json", "application/json, text/plain;q=0.5")


def write(host: str, path: str, headers: Mapping[str, str], bodies: Sequence[bytes]) -> bytes:
    """Write each body under several heads, each request behind a line with its length in bytes.

    Args:
        host: and port, for the Host header.
        headers: of every request, besides those that vary.
    """
    wanted = islice(cycle(bodies), len(bodies) * HEADS_PER_BODY)
    requests = [_request(host, path, headers | dict(varied), body)
                for varied, body in zip(_varied_headers(), wanted, strict=False)]  # fmt: skip
    return b"".join(b"%d\n%b" % (len(request), request) for request in requests)


def _varied_headers() -> Iterator[dict[str, str]]:
    """Without end, the same in each run."""
    source = random.Random(0)
    while True:
        varied = {
            "User-Agent": source.choice(USER_AGENTS),
            "Accept": source.choice(ACCEPTS),
            "X-Request-ID": f"{source.getrandbits(144):036x}"[: source.choice(REQUEST_IDS)],
        }
        yield dict(source.sample(sorted(varied.items()), source.randint(1, len(varied))))


def _request(host: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
