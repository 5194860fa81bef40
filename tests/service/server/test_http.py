"""HTTP/1.1 as RFC 9112 and 9110 define it, byte by byte, against the real server."""

from __future__ import annotations

import json
import random
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

Exchange = Callable[..., list[tuple[int, bytes]]]

GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
PATIENCE = 20


def predict(body: bytes, *fields: bytes, target: bytes = b"/predict", host: bytes = b"Host: x") -> bytes:
    """The request of a PNG's prediction."""
    lines = (b"POST " + target + b" HTTP/1.1", host, b"Content-Type: image/png", *fields)
    return b"\r\n".join((*lines, b"Content-Length: %d" % len(body), b"", body))


@pytest.fixture(scope="module")
def png(encode, splits) -> bytes:
    return encode(splits.test.digits[0])


@pytest.fixture(scope="module")
def connect(url) -> Callable:
    address = urlsplit(url)

    @contextmanager
    def connect() -> Iterator[socket.socket]:
        with socket.create_connection((address.hostname, address.port), PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield connection

    return connect


@pytest.fixture(scope="module", autouse=True)
def slow_connections(connect) -> Iterator[list[socket.socket]]:
    """Connections opened before all others: nothing is sent on one, half a head on the other."""
    with connect() as silent, connect() as slow:
        slow.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\n")
        yield [silent, slow]


@pytest.fixture(scope="module")
def exchange(connect) -> Exchange:
    """exchange(*pieces) -> status and body of each answer until the server closes; a piece is a segment."""

    def exchange(*pieces: bytes) -> list[tuple[int, bytes]]:
        with connect() as connection:
            with suppress(BrokenPipeError):  # the server refused what came before, and may be gone
                for piece in pieces:
                    connection.sendall(piece)
            return read_all(connection)

    return exchange


def read_all(connection: socket.socket) -> list[tuple[int, bytes]]:
    return parse(receive(connection))


def receive(connection: socket.socket) -> bytes:
    """Receive until the server closes."""
    received = b""
    try:
        while more := connection.recv(1 << 16):
            received += more
    except ConnectionResetError:  # it closed with bytes of ours unread
        pass
    return received


def parse(received: bytes) -> list[tuple[int, bytes]]:
    answers = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
        size = int(length[1]) if length else 0
        answers.append((status, received[:size]))
        received = received[size:]
    return answers


def digit(answer: tuple[int, bytes]) -> int:
    status, body = answer
    assert status == 200
    return json.loads(body)["digit"]


@pytest.mark.parametrize(
    "fields",
    [
        (b"Transfer-Encoding: chunked",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Content-Length: 3",),
        (b"Content-Length : 3",),
        (b"X-Bad\x00: 1",),
        (b"X-Bad: a\x00b",),
        (b"X-Bad: a\rb",),
        (b"X-Bad: a", b" folded"),
        (b"X-B(ad): 1",),
        (b": nameless",),
        (b"no colon",),
        (b"Host: y",),
    ],
)  # fmt: skip
def test_an_ambiguous_head_is_refused_and_ends_the_connection(exchange, png, fields):
    (status, _), *more = exchange(predict(png, *fields), GET)
    assert status == 400
    assert more == []


@pytest.mark.parametrize(
    "length", [b"+3", b"-3", b"3,3", b"3, 4", b"0x3", b"3 3", b"", b"1e1", b"\xb2", b"0" * 4400 + b"3"]
)
def test_a_length_that_is_not_a_number_is_refused(exchange, length):
    request = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: " + length
    (status, _), *more = exchange(request + b"\r\n\r\nabc" + GET)
    assert status == 400
    assert more == []


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"POST /predict HTTP/1.1", 400),  # and no Host
        (b"POST /predict HTTP/9.9\r\nHost: x", 400),
        (b"POST /predict HTTP/1.1 \r\nHost: x", 400),
        (b"POST /predict\r\nHost: x", 400),
        (b"P(ST /predict HTTP/1.1\r\nHost: x", 400),
        (b"POST /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x", 414),
        (b"POST /predict HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000, 431),
        (b"POST /predict HTTP/1.1\r\nHost: x\r\n" + b"\r\n".join(b"X-%d: a" % n for n in range(101)), 431),
        (b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked", 400),
        (b"POST /predict HTTP/1.1\r\nHost: x y", 400),
        (b"POST /predict HTTP/1.1\r\nHost: user@x", 400),
        (b"POST /predict HTTP/1.1\r\nHost: x\r\nExpect: a-miracle", 417),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x", 405),
        (b"POST /predict HTTP/1.1\r\nHost: elsewhere.example", 421),
        (b"POST http://elsewhere.example/predict HTTP/1.1\r\nHost: x", 421),
        (b"POST http://user@x/predict HTTP/1.1\r\nHost: x", 400),
        (b"GET * HTTP/1.1\r\nHost: x", 400),
    ],
)  # fmt: skip
def test_a_malformed_start_is_refused(exchange, line, status):
    answers = exchange(line + b"\r\nContent-Type: image/png\r\nContent-Length: 0\r\n\r\n" + GET)
    assert [answered for answered, _ in answers] == [status]


def test_an_unknown_transfer_coding_is_refused(exchange):
    request = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: cubed\r\n\r\n"
    assert [status for status, _ in exchange(request + GET)] == [501]


def test_a_head_that_never_ends_is_refused(connect):
    with connect() as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\n")
        with suppress(OSError):
            for n in range(2000):
                connection.sendall(b"X-%d: " % (n % 90) + b"a" * 100 + (b"\r\n" if n < 90 else b""))
        assert [status for status, _ in read_all(connection)] == [431]


def test_a_large_body_does_not_count_as_the_head_behind_it(connect):
    large = predict(b"broken" * 40_000)
    with connect() as connection:
        connection.sendall(large + LAST[:20])
        connection.sendall(LAST[20:])
        assert [status for status, _ in read_all(connection)] == [400, 200]


def test_requests_sent_all_at_once_are_answered_in_order(exchange, encode, splits):
    pngs = [encode(image) for image in splits.test.digits[:40]]
    answers = exchange(b"".join(map(predict, pngs)) + LAST)
    assert [digit(answer) for answer in answers[:-1]] == splits.test.labels[:40].tolist()
    assert answers[-1][0] == 200


def test_a_client_that_reads_late_gets_all_of_its_answers(connect, png):
    requests = 3000
    request = predict(png, b"X-Padding: " + b"a" * 7000)
    with connect() as connection, ThreadPoolExecutor(1) as pool:
        sent = pool.submit(connection.sendall, request * requests + LAST)
        wait([sent], timeout=0.5)  # long enough for the server to be full of answers that nobody reads
        answers = read_all(connection)
    assert len(answers) == requests + 1
    assert {digit(answer) for answer in answers[:-1]} == {7}


def test_bodies_of_the_largest_light_size_may_follow_each_other(exchange, encode, splits):
    png = encode(splits.test.digits[0])
    body = png[:-12] + b"\0\0\xf0\0tEXt" + bytes(0xF000) + b"\0\0\0\0" + png[-12:]  # a comment that no reader needs
    answers = exchange(predict(body) * 50 + LAST)
    assert [digit(answer) for answer in answers[:-1]] == [7] * 50


def test_heavy_refused_and_other_requests_keep_their_places_among_light_ones(exchange, png, splits):
    raw = splits.test.digits[:200].tobytes()
    batch = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
    requests = (predict(png), predict(b"broken"), predict(png), batch % len(raw) + raw, predict(png), GET, predict(png))
    answers = exchange(b"".join(requests) + LAST)
    assert [status for status, _ in answers] == [200, 400, 200, 200, 200, 200, 200, 200]
    assert [len(json.loads(body).get("predictions", "x")) for _, body in answers] == [1, 1, 1, 200, 1, 1, 1, 1]


def test_a_request_may_come_byte_by_byte(connect, png):
    with connect() as connection:
        for byte in predict(png) + predict(png, b"Connection: close"):
            connection.sendall(bytes([byte]))
        assert [digit(answer) for answer in read_all(connection)] == [7, 7]


@pytest.mark.parametrize("cut", [1, 10, 40, 70, 200])
def test_a_request_may_come_in_two_pieces(exchange, png, cut):
    request = predict(png)
    assert [digit(answer) for answer in exchange(request[:cut], request[cut:] + LAST)[:1]] == [7]


def test_a_client_may_stop_sending_and_still_be_answered(connect, png):
    with connect() as connection:
        connection.sendall(predict(png))
        connection.shutdown(socket.SHUT_WR)
        assert [digit(answer) for answer in read_all(connection)] == [7]


def test_a_body_in_chunks_is_read_with_extensions_and_trailers(exchange, png):
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = (
        b"5;a=b\r\n" + png[:5] + b"\r\n%X\r\n" % (len(png) - 5) + png[5:] + b"\r\n0\r\nX-Request-ID: trailer\r\n\r\n"
    )
    answers = exchange(head + chunks + LAST)
    assert digit(answers[0]) == 7
    assert json.loads(answers[0][1])["request_id"] != "trailer"
    assert [status for status, _ in answers] == [200, 200]


@pytest.mark.parametrize("size", [b"-1", b"0x5", b"5 5", b"g", b""])
def test_a_chunk_of_a_malformed_size_is_refused(exchange, size):
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = exchange(head + size + b"\r\nabcde\r\n0\r\n\r\n" + GET)
    assert [status for status, _ in answers] == [400]


CHUNKED = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "framing",
    [
        b"1\r\na\r\n" * 10_000,
        b"A;a=" + b"b" * 40 + b"\r\n0123456789\r\n" + b"1;" + b"b" * 40_000 + b"\r\na\r\n",
        b"0" * 40_000 + b"1\r\na\r\n",
        b"1\r\na\r\n0\r\n" + b"X-A: b\r\n" * 5_000,
    ],
)
def test_a_body_that_is_mostly_framing_is_refused(exchange, framing):
    answers = exchange(CHUNKED + framing + b"0\r\n\r\n" + GET)
    assert [(status, json.loads(body)["code"]) for status, body in answers] == [(400, "bad_request")]


def test_a_large_body_in_chunks_of_a_hundred_bytes_is_read(exchange):
    answers = exchange(CHUNKED + (b"64\r\n" + bytes(100) + b"\r\n") * 20_000 + b"0\r\n\r\n" + LAST)
    assert [status for status, _ in answers] == [400, 200]
    assert json.loads(answers[0][1])["code"] != "bad_request"


def test_requests_that_offer_another_protocol_may_all_be_sent_at_once(exchange):
    offer = GET[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert [status for status, _ in exchange(offer * 2000 + LAST)] == [200] * 2001


def test_a_client_that_expects_100_continue_gets_it(connect, png):
    head, body = predict(png, b"Expect: 100-continue", b"Connection: close").split(b"\r\n\r\n", 1)
    with connect() as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(1 << 16) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert [digit(answer) for answer in read_all(connection)] == [7]


@pytest.mark.parametrize(
    "version", [b"HTTP/1.0", b"HTTP/1.0\r\nConnection: keep-alive", b"HTTP/1.1\r\nConnection: close"]
)
def test_the_connection_ends_where_the_client_says_so(exchange, png, version):
    answers = exchange(predict(png).replace(b"HTTP/1.1", version, 1) + GET)
    assert [digit(answer) for answer in answers] == [7]


def test_a_refused_client_that_expects_100_continue_is_told_at_once(connect):
    with connect() as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
        )
        assert [status for status, _ in read_all(connection)] == [413]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_the_body_of_a_request_that_offers_another_protocol_is_read(connect, png, chunked, at_once):
    """Java's client offers h2c with every request."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n" + upgrade
    body = b"%X\r\n" % len(png) + png + b"\r\n0\r\n\r\n" if chunked else png
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(png)
    request = head + framing + b"\r\n\r\n" + body
    sent = request * 2 + b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + upgrade + b"\r\n" + LAST
    with connect() as connection:
        for piece in [sent] if at_once else [sent[n : n + 1] for n in range(len(sent))]:
            connection.sendall(piece)
        answers = read_all(connection)
    assert [digit(answer) for answer in answers[:2]] == [7, 7]
    assert [status for status, _ in answers] == [200] * 4


def test_a_header_with_an_underscore_does_not_pass_for_one_with_a_hyphen(exchange, png):
    answers = exchange(predict(png, b"X_Request_ID: other", b"Content_Length: 3") + LAST)
    assert digit(answers[0]) == 7
    assert json.loads(answers[0][1])["request_id"] != "other"


@pytest.mark.parametrize("target", [b"http://x/predict", b"http://x/predict?canonical=0", b"/%70redict", b"/predict#a"])
def test_the_target_may_be_absolute_or_escaped(exchange, png, target):
    assert digit(exchange(predict(png, target=target) + LAST)[0]) == 7


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        (b"http://x", b"<!doctype html>"),
        (b"http://x/", b"<!doctype html>"),
        (b"http://x?lang=ko", b"<!doctype html>"),
        (b"HTTP://X:80/health/live", b'{"status":"live"}'),
        (b"https://x/health/live#part", b'{"status":"live"}'),
        (b"http://[::1]:8000/health/live", b'{"status":"live"}'),
    ],
)
def test_an_absolute_target_names_the_same_path(exchange, target, begins):
    ((status, body),) = exchange(LAST.replace(b"/health/live", target))
    assert status == 200
    assert body.startswith(begins)


@pytest.mark.parametrize(
    ("line", "status", "allow"),
    [
        (b"OPTIONS *", b"204", b"DELETE, GET, HEAD, OPTIONS, POST"),
        (b"OPTIONS http://x/predict", b"200", b"OPTIONS, POST"),
        (b"CONNECT x:80", b"405", b"DELETE, GET, HEAD, OPTIONS, POST"),
    ],
)
def test_methods_are_named_of_the_server_and_of_an_absolute_target(connect, line, status, allow):
    with connect() as connection:
        connection.sendall(line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head = receive(connection)
    assert head.startswith(b"HTTP/1.1 " + status)
    assert set(re.search(rb"\r\nAllow: ([^\r]*)", head)[1].split(b", ")) == set(allow.split(b", "))


def test_the_host_of_an_absolute_target_counts_and_the_header_does_not(exchange, png):
    answers = exchange(predict(png, target=b"http://x/predict", host=b"Host: elsewhere.example") + LAST)
    assert digit(answers[0]) == 7


def test_a_host_that_is_not_answered_to_is_told_what_to_set(exchange):
    ((status, body),) = exchange(GET.replace(b"Host: x", b"Host: elsewhere.example"))
    assert (status, json.loads(body)["code"]) == (421, "misdirected_request")
    assert "DIGITS_HOSTS" in json.loads(body)["detail"]


@pytest.mark.parametrize("path", [b"/health/live", b"/models", b"/"])
def test_the_response_to_head_has_the_length_and_no_body(connect, path):
    with connect() as connection:
        connection.sendall(b"HEAD " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = receive(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert int(re.search(rb"Content-Length: (\d+)", head)[1]) > 0
    assert body == b""


def test_responses_do_not_depend_on_how_the_bytes_are_split(exchange, png):
    """Heads altered at random, each sent in one piece and in many."""
    chance = random.Random(1)
    length = b"Content-Length: %d" % len(png)
    whole = predict(png, b"X-Request-ID: same", target=b"/predict?canonical=0")
    head = whole[: whole.index(length)]
    pieces = (
        b" ",
        b"\t",
        b"\r\n",
        b"\n",
        b":",
        b"\x00",
        b"\x80",
        b"_",
        b"?",
        b"#",
        b"%20",
        b"/",
        b"A",
        b"1",
        b"Te: x\r\n",
    )
    answered = 0
    for _ in range(200):
        at, span = chance.randrange(len(head)), chance.randrange(3)
        altered = head[:at] + chance.choice(pieces) + head[at + span :] + whole[len(head) :] + LAST
        cuts = sorted(chance.sample(range(1, len(altered)), 8))
        split = [altered[i:j] for i, j in zip([0, *cuts], [*cuts, len(altered)], strict=True)]
        at_once, in_pieces = exchange(altered), exchange(*split)
        assert [without_id(answer) for answer in at_once] == [without_id(answer) for answer in in_pieces], altered
        assert {status for status, _ in at_once} <= {200, 400, 404, 405, 415}, altered
        answered += at_once[0][0] == 200
    assert 30 < answered < 170


def test_a_connection_without_a_whole_head_is_ended(slow_connections):
    (silent, half) = [read_all(connection) for connection in slow_connections]
    assert silent == []
    assert [(status, json.loads(body)["code"]) for status, body in half] == [(408, "request_timeout")]


def without_id(answer: tuple[int, bytes]) -> tuple[int, bytes]:
    return answer[0], re.sub(rb'"request_id":"[^"]*"', b"", answer[1])
