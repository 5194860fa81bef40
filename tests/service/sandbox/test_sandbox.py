"""Requests are read in processes of their own, which may take neither much time nor memory, and are replaced."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import signal
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import pytest
from PIL import Image

from models.errors import DeadlineExceeded, MalformedRequest, RequestTooLarge
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink
from service.config import Config
from service.images.decode import decode
from service.protocols.request import Request
from service.sandbox import sandbox
from service.sandbox.sandbox import Sandbox


@pytest.fixture(scope="module")
def config() -> Config:
    return Config.from_environment({})


@pytest.fixture
def box(config) -> Iterator[Sandbox]:
    box = Sandbox(config)
    yield box
    box.close()


def request(body: bytes, content_type: bytes = b"image/png", path: str = "/predict", **headers: bytes) -> Request:
    named = {b"content-type": content_type} | {
        name.replace("_", "-").encode(): value for name, value in headers.items()
    }
    return Request(method="POST", path=path, headers=named, body=body)


def read(box: Sandbox, *arguments, seconds: float = 30, **headers):
    return box.read_digits(request(*arguments, **headers), perf_counter() + seconds)


def encoded(picture: np.ndarray, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form, **options)
    return file.getvalue()


def runs(rows: int) -> bytes:
    """A BMP of 4,096 columns whose runs are a pixel long: Pillow reads each in Python."""
    line = bytes((1, 7)) * 4096 + bytes((0, 0))
    pixels = line * rows + bytes((0, 1))
    palette = bytes(1024)
    header = struct.pack("<IiiHHIIiiII", 40, 4096, rows, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(pixels), 0, 0, 54 + 1024) + header + palette + pixels


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def readers(box: Sandbox) -> list[int]:
    return children(box._fork_server._process.pid)


def test_a_batch_is_read_as_in_this_process(box, encode, form, splits):
    photo = cv2.resize(splits.test.digits[1], None, fx=30, fy=30)
    body, content_type = form(encode(splits.test.digits[0]), b"no picture", encode(photo), encode(0 * photo))
    reading = read(box, body, content_type.encode())
    first, second, third, fourth = reading.contents.results
    assert np.array_equal(first, splits.test.digits[0])
    assert (second.code, fourth.__class__.__name__) == ("undecodable_image", "BlankDrawing")
    assert np.array_equal(third, canonicalize(find_ink(photo)))
    assert reading.form.batch


def test_a_large_body_and_a_drawing_come_through(box, splits):
    photo = cv2.resize(255 - splits.test.digits[2], None, fx=100, fy=100, interpolation=cv2.INTER_NEAREST)
    explained = Request(
        method="POST", path="/predict", query_string=b"explain=1", headers={b"content-type": b"image/bmp"},
        body=encoded(photo, "BMP"),
    )  # fmt: skip
    assert explained.body.size > 7_000_000
    canonical = box.read_digits(explained, perf_counter() + 30).contents
    assert np.array_equal(canonical.results[0], canonicalize(canonical.drawing))


def test_what_takes_too_long_is_refused_and_its_process_replaced(config):
    box = Sandbox(replace(config, deadline_ms=1000))
    with pytest.raises(RequestTooLarge, match="more time or memory") as refusal:
        read(box, gzip.compress(runs(2000)), b"image/bmp", content_encoding=b"gzip")
    assert refusal.value.code == "too_costly"
    assert readers(box) == []
    assert read(box, encoded(np.full((400, 400), 255, np.uint8))).contents.digits == []
    box.close()


def test_a_process_is_killed_at_the_deadline(box):
    read(box, encoded(np.full((400, 400), 255, np.uint8)))  # the fork server has started
    began = perf_counter()
    with pytest.raises(DeadlineExceeded):
        read(box, gzip.compress(runs(2000)), b"image/bmp", seconds=0.5, content_encoding=b"gzip")
    assert perf_counter() - began < 3
    assert readers(box) == []


def test_what_takes_too_much_memory_is_refused(config):
    box = Sandbox(replace(config, max_pixels=784))
    with pytest.raises((RequestTooLarge, MalformedRequest)):
        read(box, b"[" * 1000 + bytes(15 << 20), b"application/json")
    wide = encoded(np.zeros((28, 28), np.uint8), "TIFF")
    assert read(box, wide, b"image/tiff").contents.digits == []
    box.close()


@pytest.mark.parametrize("fatal", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_dies_is_replaced_and_its_request_answered(box, fatal):
    blank = encoded(np.full((400, 400), 255, np.uint8))
    read(box, blank)
    (pid,) = readers(box)
    os.kill(pid, signal.SIGSTOP)
    killer = threading.Thread(target=os.kill, args=(pid, fatal))
    failed = []

    def ask() -> None:
        try:
            read(box, blank)
        except Exception as error:
            failed.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    killer.start()
    os.kill(pid, signal.SIGCONT)
    asking.join(30)
    killer.join()
    assert all(getattr(error, "code", "") in ("overloaded", "undecodable_image") for error in failed)
    assert len(read(box, blank).contents.results) == 1


def test_a_fork_server_that_dies_is_replaced(box):
    blank = encoded(np.full((400, 400), 255, np.uint8))
    read(box, blank)
    (reader,) = readers(box)
    os.kill(box._fork_server._process.pid, signal.SIGKILL)
    os.kill(reader, signal.SIGKILL)
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(len(read(box, blank).contents.results))
        except Exception as error:
            outcomes.append(error.code)
    assert outcomes[1] == 1


def test_what_libraries_say_about_a_picture_fills_no_log(box, capfd):
    strip = zlib.compress(bytes(400), 0)
    entries = [
        (256, 4, 20),
        (257, 4, 20),
        (258, 3, 8),
        (259, 3, 8),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, 20),
        (279, 4, len(strip)),
    ]
    entries += [(40_000 + n, 3, 0) for n in range(5000)]  # more than libtiff reads, and it says so
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    tiff = b"II*\0" + struct.pack("<I", 8 + len(strip)) + strip + struct.pack("<H", len(entries)) + directory + bytes(4)
    with contextlib.suppress(MalformedRequest):
        decode(tiff, 1000)
    assert "TIFF" in capfd.readouterr().err
    with contextlib.suppress(MalformedRequest):
        read(box, tiff, b"image/tiff")
    assert capfd.readouterr().err == ""


def test_a_process_learns_no_secret(box, monkeypatch):
    monkeypatch.setenv("DIGITS_DATABASE_URL", "postgresql://user:secret@host/db")
    read(box, encoded(np.full((400, 400), 255, np.uint8)))
    (reader,) = readers(box)
    assert b"secret" not in Path(f"/proc/{reader}/environ").read_bytes()


def test_processes_end_with_their_worker(box):
    read(box, encoded(np.full((400, 400), 255, np.uint8)))
    server = box._fork_server._process
    box.close()
    assert server.returncode == 0


def test_all_pictures_of_the_largest_size_can_be_read(box):
    y, x = np.mgrid[:3072, :4096]
    grey = ((x // 16 + y // 16) % 256).astype(np.uint8)
    colour = np.dstack([grey, grey[::-1], grey[:, ::-1]])
    with_alpha = np.dstack([colour, np.where(y > 1500, 255, 128).astype(np.uint8)])
    for picture, form, options in (
        (colour, "JPEG", {"progressive": True, "subsampling": 0}),
        (with_alpha, "PNG", {"compress_level": 1}),
        (grey.astype(np.uint16) * 200, "PNG", {"compress_level": 1}),
        (grey.astype(np.float32), "TIFF", {"compression": "tiff_deflate"}),
        (with_alpha[:2048, :2048], "WEBP", {"lossless": True, "quality": 0}),
    ):
        (result,) = read(box, encoded(picture, form, **options)).contents.results
        assert isinstance(result, np.ndarray), (form, result)


def test_a_fork_server_is_asked_by_several_processes(config):
    shared = sandbox.start_fork_server(config)
    pid = os.fork()
    if pid == 0:
        mine = shared.fork()
        os._exit(0 if mine.pid in children(shared._process.pid) else 1)
    mine = shared.fork()
    assert os.waitpid(pid, 0)[1] == 0
    assert mine.pid in children(shared._process.pid)
    assert shared.end(mine) in (0, signal.SIGKILL)  # it may end by itself, since its socket is closed
    assert mine.pid not in children(shared._process.pid)
    shared.close()


def test_a_line_that_may_be_several_digits_comes_along_unless_it_is_long(box, encode, splits):
    one = np.pad(splits.test.digits[0], 4)
    for count, looked in ((1, 0), (2, 1), (30, 0)):
        drawing = 255 - np.kron(np.hstack([one] * count), np.ones((3, 3), np.uint8))
        (canonical,) = [read(box, encode(drawing)).contents]
        assert len(canonical.strips) == looked
        assert [strip.shape[0] for strip in canonical.strips.values()] == [32] * looked
