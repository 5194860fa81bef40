from __future__ import annotations

import io

from tests.benchmarks import varied_requests
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.varied_requests import HEADS_PER_BODY

BODIES = [b"one", b"\r\n\r\n", b"x" * 1000]


def requests() -> list[bytes]:
    file = io.BytesIO(varied_requests.write("localhost:1", "/predict", {"Content-Type": "image/png"}, BODIES))
    return [file.read(int(line)) for line in file]


def test_every_request_is_whole_and_has_the_headers_asked_for() -> None:
    for request in requests():
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0] == "POST /predict HTTP/1.1"
        assert {"Host: localhost:1", "Content-Type: image/png", f"Content-Length: {len(body)}"} <= set(lines)
        assert body in BODIES


def test_heads_differ_in_length_and_each_body_is_sent_under_several() -> None:
    heads = [request.partition(b"\r\n\r\n")[0] for request in requests()]
    assert len(set(heads)) == len(heads) == HEADS_PER_BODY * len(BODIES)
    assert len({len(head) for head in heads}) > len(heads) / 2


def test_the_images_of_a_payload_all_differ() -> None:
    for payload in PAYLOADS:
        assert len(set(payload.pngs)) == len(payload.pngs) >= 64
