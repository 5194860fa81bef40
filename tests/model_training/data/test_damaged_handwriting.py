"""Damaged, locked, oversized and hostile files are named and left out, the rest is read, and memory stays bounded."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from model_training.data import canonical_digits, handwriting, left_out, pictures, training_set
from tests import serving

PEAK = """
import resource, sys
from pathlib import Path
from model_training.data import handwriting
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read = handwriting.read([Path(sys.argv[1])])
print(len(read.samples), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def png(width=40, height=60):
    buffer = io.BytesIO()
    image = Image.new("L", (width, height), 255)
    image.putpixel((width // 2, height // 2), 0)
    image.save(buffer, "PNG")
    return buffer.getvalue()


def jpeg():
    buffer = io.BytesIO()
    Image.new("L", (40, 60), 255).save(buffer, "JPEG")
    return buffer.getvalue()


def huge_png(side):
    """Encode a black PNG of side x side pixels without holding its pixels."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def archive(*contents, method=zipfile.ZIP_DEFLATED, name="3/a.png"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for number, content in enumerate(contents):
            made.writestr(name.replace("a", f"a{number}"), content)
    return buffer.getvalue()


def changed(packed, local, central, value):
    """Change a byte of the first entry's two headers."""
    packed = bytearray(packed)
    packed[local] = packed[packed.find(b"PK\1\2") + central] = value
    return bytes(packed)


def spoiled(data, at=60):
    return data[:at] + b"\xff" * 20 + data[at + 20 :]


def line(**values):
    return (
        json.dumps({"label": "7", "writer": "anna", "strokes": [[[0, 10], [10, 10], [4, 0]]]} | values).encode() + b"\n"
    )


NOISE = random.Random(1).randbytes(2000)
MANY_SCANS = jpeg()[:-2] + b"\xff\xda\0\2" * 3000 + b"\xff\xd9"
FILES = [
    ("flipped.zip", spoiled(archive(NOISE + b"hello " * 5000)), "a0.png: damaged (Error -3"),
    ("cut.zip", archive(png())[:-30], "truncated or damaged, or cannot be read (File is not a zip file"),
    ("locked.zip", changed(archive(png(), method=0), 6, 8, 1), "a0.png: locked with a password"),
    ("deflate64.zip", changed(archive(png(), method=0), 8, 10, 9), "a0.png: compressed by method 9"),
    ("aes.zip", changed(archive(png(), method=0), 8, 10, 99), "a0.png: compressed by method 99"),
    ("lzma.zip", archive(png(), method=zipfile.ZIP_LZMA), "a0.png: compressed by method 14"),
    ("crc.zip", changed(archive(png(), method=0), 14, 16, 1), "a0.png: damaged (Bad CRC-32"),
    ("large.zip", archive(bytes(pictures.MAX_BYTES + 1)), "16,777,217 bytes where 16,777,216 are read"),
    ("many.zip", archive(*[bytes(pictures.MAX_BYTES)] * 20), "inflates to over 20 times its size"),
    ("no.zip", b"", "File is not a zip file"),
    ("flipped.jsonl.gz", spoiled(gzip.compress(line() + line(note=[n * n % 1009 for n in range(9000)]))), "cannot be read (Error -3"),
    ("cut.jsonl.gz", gzip.compress(line(note=list(range(9000))))[:-9], "truncated or damaged"),
    ("plain.jsonl.gz", line(), "Not a gzipped file"),
    ("integer.jsonl", line(strokes=[[[10**400, 2]]]), "not a JSON object with label, writer and strokes"),
    ("digits.jsonl", b'{"strokes": [[[1' + b"0" * 5000 + b", 2]]]}", "not a JSON object"),
    ("deep.jsonl", b'{"strokes": ' + b"[" * 100_000, "not a JSON object"),
    ("closed.jsonl", line(strokes=[]).replace(b"[]", b"[" * 900 + b"]" * 900), "jsonl:1: "),
    ("latin.jsonl", line(writer="anna").replace(b"anna", b"ann\xe9"), "not a JSON object"),
    ("infinite.jsonl", line(strokes=[[[1, float("inf")]]]), "not finite"),
    ("far.jsonl", line(strokes=[[[0, 0], [1e300, 1]]]), "each coordinate must be from -1,000,000"),
    ("words.jsonl", line(strokes=[["ab", [1, 2]]]), "not a JSON object"),
    ("number.jsonl", line(strokes=7), "not a JSON object"),
    ("label.jsonl", line(label={"digit": 7}), "label must be printable text"),
    ("writer.jsonl", line(writer="a" * 201), "writer must be printable text"),
    ("surrogate.jsonl", line(writer="\ud800"), "writer must be printable text"),
    ("source.jsonl", line(source="a\nb"), "source must be printable text"),
    ("y.jsonl", line(y="u" * 100_000), '"y" is neither up nor down'),
    ("long.jsonl", b" " * (1 << 20) + line(), "longer than 1,048,576 bytes"),
    ("7/scans.jpg", MANY_SCANS, "The JPEG has over 100 scans"),
    ("7/line.png", png(1, 500), "too small for a digit"),
    ("7/huge.png", huge_png(5000), "5,000 x 5,000 pixels; scale it down"),
    ("7/heavy.png", png() + bytes(pictures.MAX_BYTES), "over 16 MiB"),
    ("7/script.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image that can be read"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reason"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_that_cannot_be_read_is_named_with_the_reason_and_the_rest_is_read(tmp_path, name, content, reason):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "good.png").write_bytes(png())
    (tmp_path / name).write_bytes(content)
    (tmp_path / "zz.jsonl").write_bytes(line())
    read = handwriting.read([tmp_path])
    assert len([sample for sample in read.samples if "good.png" in sample.where or "zz.jsonl" in sample.where]) == 2
    assert any(str(tmp_path / name) in complaint and reason in complaint for complaint in read.unreadable), (
        read.unreadable
    )
    assert all(complaint.isprintable() and len(complaint) <= 1000 for complaint in read.unreadable)


def test_the_lines_beside_broken_ones_are_read(tmp_path):
    content = [line(), b"[" * 100_000 + b"\n", line(), b" " * (3 << 20) + line(), line(), b"\xff\n", line()]
    (tmp_path / "pen.jsonl.gz").write_bytes(gzip.compress(b"".join(content), 1))
    read = handwriting.read([tmp_path])
    assert [sample.where.rpartition(":")[2] for sample in read.samples] == ["1", "3", "5", "7"]
    assert [complaint.split(":")[1] for complaint in read.unreadable] == ["2", "4", "6"]


def test_the_entries_beside_a_damaged_one_are_read(tmp_path):
    whole = archive(png(), NOISE * 3, png(20, 20), method=zipfile.ZIP_STORED)
    (tmp_path / "three.zip").write_bytes(spoiled(whole, whole.find(NOISE) + 100))
    read = handwriting.read([tmp_path])
    assert [sample.grey.shape for sample in read.samples] == [(60, 40), (20, 20)]
    assert len(read.unreadable) == 1


def test_complaints_about_one_file_are_bounded(tmp_path):
    (tmp_path / "pen.jsonl").write_bytes(line() + b"{}\n" * 5000)
    read = handwriting.read([tmp_path])
    assert len(read.unreadable) == left_out.MAX_COMPLAINTS + 1
    assert read.unreadable[-1].endswith("pen.jsonl: 4,900 more that cannot be read")


def test_links_pipes_and_folders_with_the_names_of_files_end_nothing(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "good.png").write_bytes(png())
    (tmp_path / "7" / "itself.png").symlink_to("itself.png")
    (tmp_path / "7" / "above").symlink_to(tmp_path)
    (tmp_path / "lost.zip").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.jsonl")
    os.mkfifo(tmp_path / "7" / "pipe.png")
    (tmp_path / "folder.jsonl").mkdir()
    read = handwriting.read([tmp_path])
    assert len(read.samples) == 1
    named = sorted(complaint.split(": ")[0].rpartition("/")[2] for complaint in read.unreadable)
    assert named == ["itself.png", "lost.zip", "pipe.jsonl", "pipe.png"]


def test_names_in_an_archive_can_neither_leave_it_nor_write_lines_into_the_log(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    content = archive(png(), name="../../outside/7/a.png")
    (inside / "slip.zip").write_bytes(content)
    (inside / "lines.zip").write_bytes(archive(b"", name="7/x\nERROR a.png"))
    read = handwriting.read([inside])
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]
    assert len(read.samples) == 1
    assert "x?ERROR" in read.unreadable[0]


def test_large_pictures_are_averaged_down_and_small_ones_can_be_drawn(tmp_path):
    (tmp_path / "7").mkdir()
    for name, size in {"large": (3000, 2000), "long": (6_000_000, 2), "small": (2, 2)}.items():
        (tmp_path / "7" / f"{name}.png").write_bytes(png(*size))
    read = handwriting.read([tmp_path])
    samples = read.samples
    assert [sample.grey.shape for sample in samples] == [(667, 1000), (2, 2)]
    assert "long.png: 1,024 x 1 pixels, too small for a digit" in read.unreadable[0]
    canonical_digits.of_samples(samples)
    training_set.render([*samples, *samples], np.random.default_rng(1), "pictures")


def test_memory_stays_bounded_whatever_the_files_unpack_to(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "good.png").write_bytes(png())
    (tmp_path / "7" / "bomb.png").write_bytes(huge_png(8000))
    (tmp_path / "deflate.zip").write_bytes(archive(bytes(200 << 20)))
    (tmp_path / "bzip2.zip").write_bytes(archive(bytes(200 << 20), method=zipfile.ZIP_BZIP2))
    (tmp_path / "lines.zip").write_bytes(archive(bytes(200 << 20), name="a.jsonl"))
    with gzip.open(tmp_path / "endless.jsonl.gz", "wb", 1) as packed:
        for _ in range(200):
            packed.write(bytes(1 << 20))
    (tmp_path / "string.jsonl").write_bytes(line(strokes=[[["x" * 500_000, 1], *[[1, 2]] * 40_000]]))
    command = [sys.executable, "-c", PEAK, str(tmp_path)]
    output = subprocess.run(command, cwd=serving.ROOT, check=True, capture_output=True, text=True).stdout
    samples, mebibytes = output.split()
    assert int(samples) == 1
    assert float(mebibytes) < 100
