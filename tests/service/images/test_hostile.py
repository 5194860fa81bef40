"""Hostile input to the real service: each request takes under a second and 100 MB, and none is answered with 500."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import struct
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image

from tests import serving

SECONDS = 1.0
"""Processor time that a request may take."""
MEGABYTES = 100
"""Memory that a request may take."""


class Worker:
    """The one worker process of a service, and the memory and time that it has taken."""

    def __init__(self, url: str, master: int) -> None:
        self.url = url
        children = subprocess.run(["pgrep", "-P", str(master)], capture_output=True, text=True, check=True)
        self.process = Path("/proc") / children.stdout.split()[0]

    def reset_peak(self) -> None:
        (self.process / "clear_refs").write_text("5")

    def memory(self, name: str) -> float:
        """Return VmHWM or VmRSS, MB."""
        line = next(x for x in (self.process / "status").read_text().splitlines() if x.startswith(name))
        return int(line.split()[1]) * 1024 / 1e6

    def seconds(self) -> float:
        """Return the processor time that it has had, whatever else the machine does."""
        user, system = (self.process / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with serving.service() as (url, master):
        yield Worker(url, master.pid)


def png_header(width: int, height: int, pixels: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def picture(mode: str, size: tuple[int, int], format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, format, **options)
    return buffer.getvalue()


def noise(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (side, side), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def greedy_chunk() -> bytes:
    """Return a PNG whose pixels claim 1.2 GB, which OpenCV would allocate. Found by tests/fuzz."""
    data = picture("L", (96, 96), "PNG")
    return data[:33] + struct.pack(">I", 1_200_000_000) + data[37:]


def animation() -> bytes:
    frames = [Image.new("L", (64, 64), level) for level in range(200)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def form(files: int) -> tuple[bytes, str]:
    data = picture("L", (28, 28), "PNG")
    prepared = requests.Request("POST", "http://x/", files=[("f", (f"{n}.png", data)) for n in range(files)]).prepare()
    assert isinstance(prepared.body, bytes)
    return prepared.body, prepared.headers["Content-Type"]


PNG, JSON = "image/png", "application/json"

HOSTILE = {
    "nothing": (b"", PNG, 400, "empty_body"),
    "text": (b"a horse", PNG, 400, "undecodable_image"),
    "a truncated PNG": (noise(100)[:5000], PNG, 400, "undecodable_image"),
    "60,000 x 60,000 in a few bytes": (png_header(60_000, 60_000), PNG, 413, "too_many_pixels"),
    "2^31 x 2^31 in a few bytes": (png_header(2**31 - 1, 2**31 - 1), PNG, 413, "too_many_pixels"),
    "60,000 x 1": (png_header(60_000, 1, zlib.compress(bytes(180_001))), PNG, 200, "blank"),
    "0 x 0": (png_header(0, 0), PNG, 400, "undecodable_image"),
    "a PNG that claims a chunk of 1.2 GB": (greedy_chunk(), PNG, 200, "blank"),
    "an animated GIF": (animation(), "image/gif", 422, "animated_image"),
    "12 million pixels in a small PNG": (picture("RGBA", (3500, 3500), "PNG"), PNG, 200, "blank"),
    "12 million pixels in a small GIF": (picture("P", (3500, 3500), "GIF"), "image/gif", 200, "blank"),
    "12 million pixels in a JPEG": (picture("CMYK", (3500, 3500), "JPEG"), "image/jpeg", 200, "blank"),
    "12 million pixels in a small TIFF": (picture("F", (3500, 3500), "TIFF", compression="tiff_adobe_deflate"), "image/tiff", 200, "blank"),
    "4 million pixels in a small WebP": (picture("RGBA", (2048, 2048), "WEBP", lossless=True), "image/webp", 200, "blank"),
    "12 million pixels in a WebP": (picture("RGB", (3500, 3500), "WEBP", lossless=True), "image/webp", 413, "too_many_pixels"),
    "a million pixels of noise": (noise(1024), PNG, 200, "not_a_digit"),
    "a wrong content type": (noise(100), "application/pdf", 415, "unsupported_media_type"),
    "bad base64": (b'{"image": "' + b"%" * 1_000_000 + b'"}', JSON, 400, "bad_base64"),
    "pixels 27 x 28": (json.dumps({"pixels": np.zeros((27, 28)).tolist()}).encode(), JSON, 422, "bad_pixels"),
    "NaN": (b'{"pixels": [NaN]}', JSON, 400, "bad_json"),
    "1e999": (b'{"strokes": [[[0, 1e999]]]}', JSON, 400, "bad_json"),
    "nested 10,000 deep": (b"[" * 10_000 + b"]" * 10_000, JSON, 400, "bad_json"),
    "objects nested 10,000 deep": (b'{"images":' * 10_000, JSON, 400, "bad_json"),
    "five million empty arrays": (b"[" + b"[]," * 5_000_000 + b"[]]", JSON, 413, "too_many_items"),
    "a long number": (b'{"pixels": ' + b"9" * 1_000_000 + b"}", JSON, 400, "bad_json"),
    "a million bytes of key": (b'{"' + b"k" * 1_000_000 + b'": 1}', JSON, 400, "bad_document"),
    "an unknown key": (b'{"pixel": [[0]]}', JSON, 400, "bad_document"),
    "1,000 files": (*form(1000), 413, "too_many_items"),
    "1,000 images": (json.dumps({"images": ["x"] * 1000}).encode(), JSON, 413, "too_many_items"),
    "a gzip bomb as an image": (gzip.compress(bytes(10_000_000)), PNG, 400, "undecodable_image"),
    "50 MB": (bytes(50_000_000), PNG, 413, "body_too_large"),
    "50 MB of base64": (b'{"image": "' + base64.b64encode(bytes(37_500_000)) + b'"}', JSON, 413, "body_too_large"),
    "16 MB of zeros": (bytes(16 << 20), PNG, 400, "undecodable_image"),
    "16 MB of boundary": (b"--x\r\n" * 3_000_000, "multipart/form-data; boundary=x", 400, "bad_form"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_answered_clearly_and_takes_little_time_and_memory(worker, name):
    body, content_type, status, code = HOSTILE[name]
    before = worker.memory("VmRSS")
    worker.reset_peak()
    began = worker.seconds()
    reply = requests.post(f"{worker.url}/predict", data=body, headers={"Content-Type": content_type}, timeout=30)
    seconds = worker.seconds() - began
    taken = worker.memory("VmHWM") - before
    assert (reply.status_code, reply.json().get("code") or reply.json()["reason"]) == (status, code)
    assert seconds < SECONDS
    assert taken < MEGABYTES


def test_fifty_megabytes_without_a_length_are_refused(worker):
    worker.reset_peak()
    before = worker.memory("VmRSS")
    chunks = (bytes(1_000_000) for _ in range(50))
    reply = requests.post(f"{worker.url}/predict", data=chunks, headers={"Content-Type": PNG}, timeout=30)
    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")
    assert worker.memory("VmHWM") - before < MEGABYTES


def test_a_compressed_body_is_decompressed_no_further_than_the_limit(worker):
    bomb = gzip.compress(bytes(1 << 28), compresslevel=1)
    before = worker.memory("VmRSS")
    worker.reset_peak()
    began = worker.seconds()
    headers = {"Content-Type": PNG, "Content-Encoding": "gzip"}
    reply = requests.post(f"{worker.url}/predict", data=bomb, headers=headers, timeout=30)
    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")
    assert worker.seconds() - began < SECONDS
    assert worker.memory("VmHWM") - before < MEGABYTES


def test_every_limit_can_be_configured():
    limits = {"DIGITS_MAX_BYTES": "2048", "DIGITS_MAX_PIXELS": "1000", "DIGITS_MAX_ITEMS": "2"}
    with serving.service(**limits) as (url, _):
        for body, content_type, code in (
            (bytes(2049), PNG, "body_too_large"),
            (picture("L", (40, 40), "PNG"), PNG, "too_many_pixels"),
            (*form(3), "too_many_items"),
        ):
            reply = requests.post(f"{url}/predict", data=body, headers={"Content-Type": content_type}, timeout=30)
            assert (reply.status_code, reply.json()["code"]) == (413, code)
        body, content_type = form(2)
        reply = requests.post(f"{url}/predict", data=body, headers={"Content-Type": content_type}, timeout=30)
        assert [item["reason"] for item in reply.json()["predictions"]] == ["blank", "blank"]


def test_the_service_is_ready_after_all_hostile_input(worker):
    assert requests.get(f"{worker.url}/health/ready", timeout=5).ok
