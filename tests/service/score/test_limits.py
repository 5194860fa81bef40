"""Strangers' files, and files larger than memory."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pypdfium2 as pdfium
import pytest

from service.config import Config
from service.score import shards
from service.score.rendering.renderer import Renderer
from service.score.sources import kinds, listing, sorted_names, zip_archive
from service.score.sources.source import File
from service.score.sources.tools import Tools
from tests import serving
from tests.service.score.conftest import answers, codes

MOST_MIB = 300
PEAK = """
import resource, subprocess, sys
ended = subprocess.run([sys.executable, "-m", "service.score", *sys.argv[1:]])
print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def peak_mib(*words):
    """Run the command -> status, MiB of the largest of its processes."""
    ended = subprocess.run(
        [sys.executable, "-c", PEAK, *map(str, words)], cwd=serving.ROOT, env=serving.environment(),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return tuple(map(int, ended.stdout.split()))


def test_an_archive_of_many_members_takes_no_more_memory(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(60_000):
            archive.writestr(f"a/folder/of/many/pictures/{number:012}.png", b"")
    status, most = peak_mib(tmp_path / "many.zip", "--out", tmp_path / "out")
    assert status == 3
    assert most < MOST_MIB


@pytest.mark.parametrize(("values_a_page", "code"), [(16, None), (1000, "too_costly")])
def test_a_large_row_group_takes_no_more_memory(pngs, tmp_path, values_a_page, code):
    padded = [png + bytes(np.random.default_rng(number).bytes(400_000)) for number, png in enumerate(pngs[:50])] * 20
    table = pa.table({"image": padded})
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=False, write_batch_size=values_a_page)
    assert (tmp_path / "a.parquet").stat().st_size > MOST_MIB << 20
    status, most = peak_mib(tmp_path / "a.parquet", "--out", tmp_path / "out", "--format", "jsonl")
    assert status == (3 if code else 0)
    assert most < MOST_MIB
    rows = [json.loads(line) for part in (tmp_path / "out").glob("part-*") for line in part.read_text().splitlines()]
    assert codes(rows) == [code] * len(padded)


def test_names_that_do_not_fit_in_memory_are_sorted_by_parts(monkeypatch):
    monkeypatch.setattr(sorted_names, "RUN", 10)
    names = [f"{number * 7919 % 1000:03}\n\udcff" for number in range(1000)]
    assert list(sorted_names.sorted_names(names)) == sorted(names)
    assert list(sorted_names.sorted_names(names[:10])) == sorted(names[:10])


def zip_of(tmp_path, change, content=b"x" * 1000, method=zipfile.ZIP_DEFLATED):
    """Write an archive of one member, changed as bytes."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.png", content)
    data = bytearray((tmp_path / "a.zip").read_bytes())
    (tmp_path / "a.zip").write_bytes(change(data, data.index(b"PK\1\2")))


def put(offset, form, value):
    """Change a field of the directory's record."""

    def change(data, record):
        struct.pack_into(form, data, record + offset, value)
        return data

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (put(8, "<H", 1), "encrypted_file"),
        (put(10, "<H", 9), "unsupported_archive"),
        (put(16, "<I", 7), "damaged_file"),
        (put(24, "<I", 10), "damaged_file"),
        (put(24, "<I", 1 << 31), "file_too_large"),
        (put(20, "<I", 1 << 31), "file_too_large"),
        (put(42, "<I", 10), "damaged_file"),
        (put(42, "<I", 1 << 30), "damaged_file"),
        (put(10, "<H", 12), "damaged_file"),
        (put(10, "<H", 14), "damaged_file"),
        (lambda data, record: data[:record] + b"PK\1\2" + data[record + 46 :], "damaged_file"),
        (lambda data, record: b"MZ a program that unpacks itself" + data, "undecodable_image"),
    ],
)
def test_a_broken_member_is_a_row(read, tmp_path, change, code):
    zip_of(tmp_path, change)
    rows = read(f"{tmp_path}/a.zip" if code != "undecodable_image" else tmp_path)
    assert set(codes(rows)) == {code}


def test_a_program_that_unpacks_itself_is_read_as_the_archive_that_it_holds(pngs, tools, tmp_path):
    zip_of(tmp_path, lambda data, record: b"MZ a program" + data, pngs[0])
    path = str(tmp_path / "a.zip")
    file = File(path, os.path.getsize(path), "")
    (mark,) = zip_archive.marks(file, tools)
    (picture,) = kinds.read("zip archive", file, mark.start, 1, tools)
    assert picture.content == pngs[0]


def test_a_member_that_inflates_to_more_than_it_says_is_cut_off(read, tmp_path):
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    squeezed = bomb.compress(bytes(1 << 26)) + bomb.flush()

    def change(data, record):
        start = data.index(b"a.png") + 5
        (size,) = struct.unpack_from("<I", data, record + 20)
        data[start : start + size] = squeezed
        moved = len(squeezed) - size
        record += moved
        struct.pack_into("<I", data, record + 20, len(squeezed))
        end = data.index(b"PK\5\6")
        struct.pack_into("<I", data, end + 16, record)
        return data

    zip_of(tmp_path, change)
    assert codes(read(tmp_path)) == ["damaged_file"]


def test_more_members_than_the_old_format_counts_are_read(tools, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(70_000):
            archive.writestr(f"{number}", b"")
        with archive.open(zipfile.ZipInfo("last"), "w", force_zip64=True) as member:
            member.write(b"")
    found = shards.cut(listing.files([str(tmp_path / "a.zip")], skip=""), tools, 1 << 20)
    assert sum(shard.total for shard in found) == 70_001


def pdf(path, size):
    document = pdfium.PdfDocument.new()
    document.new_page(*size)
    document.save(str(path))
    document.close()


@pytest.mark.parametrize("size", [(1, 1), (14_000, 14_000), (14_400, 1)])
def test_a_page_of_any_size_is_rendered_within_the_limits(read, tmp_path, size):
    pdf(tmp_path / "a.pdf", size=size)
    assert answers(read(tmp_path)) == " "


def test_a_pdf_with_a_password_says_so(read, tmp_path):
    encrypted = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
        b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]/Size 5>>\n%%EOF"
    )
    (tmp_path / "a.pdf").write_bytes(encrypted)
    assert codes(read(tmp_path)) == ["encrypted_file"]


def slow_pdf():
    """A page that is filled a hundred thousand times."""
    content = zlib.compress(b"/G gs 0 0 600 600 re f\n" * 100_000)
    return b"".join([
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Contents 4 0 R/Resources<</ExtGState<</G<</ca .5>>>>>>>>endobj\n",
        f"4 0 obj<</Length {len(content)}/Filter/FlateDecode>>stream\n".encode(),
        content,
        b"\nendstream endobj\ntrailer<</Root 1 0 R/Size 5>>\n%%EOF",
    ])  # fmt: skip


def test_a_page_that_takes_too_long_is_a_row_and_the_next_is_read(read, pages, tmp_path):
    (tmp_path / "a.pdf").write_bytes(slow_pdf())
    pages[0].save(tmp_path / "b.pdf")
    rows = read(tmp_path)
    assert codes(rows) == ["too_costly", None]
    assert rows[1]["answer"] == "7"


def test_a_renderer_that_is_killed_is_replaced(pages, tmp_path):
    pages[0].save(tmp_path / "a.pdf")
    tools = Tools(Config(), Renderer(Config()))
    with open(tmp_path / "a.pdf", "rb") as file:
        assert tools.renderer.count(file.fileno()) == 1
        os.kill(tools.renderer._child.pid, signal.SIGKILL)
        with pytest.raises(Exception, match="try again"):
            tools.renderer.count(file.fileno())
        assert tools.renderer.count(file.fileno()) == 1
    tools.renderer.close()


def test_a_careful_reading_answers_the_same(scorer, tools, pngs, tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(pngs[number])
    (shard,) = shards.cut(listing.files([str(tmp_path)], skip=""), tools, 4096)
    assert scorer.score(shard, careful=True)[:4] == scorer.score(shard)[:4]
