from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.score.sources import members
from tests.service.score.conftest import answers, codes


def places(rows, folder):
    return [(row["path"].removeprefix(f"{folder}/"), row["page"]) for row in rows]


def write_tar(path, pngs, mode="w", format=tarfile.PAX_FORMAT):
    with tarfile.open(path, mode, format=format) as archive:
        for number, png in enumerate(pngs):
            member = tarfile.TarInfo("long/" * 40 * (number == 2) + f"{number}é.png")
            member.size = len(png)
            archive.addfile(member, io.BytesIO(png))


def idx(digits):
    return struct.pack(">IIII", 0x803, *digits.shape) + digits.tobytes()


def test_a_folder_is_read_in_the_order_of_its_names_without_what_is_hidden(read, pngs, tmp_path):
    for name, png in (("b.png", pngs[0]), ("a/x.png", pngs[1]), ("a.png", pngs[2]), (".git/y.png", pngs[3])):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(png)
    rows = read(tmp_path)
    assert places(rows, tmp_path) == [("a.png", None), ("a/x.png", None), ("b.png", None)]
    assert answers(rows) == "127"


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "gif", "bmp", "tiff", "PNG", "unknown"])
def test_every_format_of_pictures_is_read(read, pages, tmp_path, ending):
    path = tmp_path / f"seven.{ending}"
    pages[0].copy().save(path, format=None if ending != "unknown" else "PNG")
    assert answers(read(path)) == "7"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_archive_is_read_however_it_is_compressed(read, pngs, tmp_path, method):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("folder/", b"")
        archive.writestr("__MACOSX/._0.png", b"")
        for number, png in enumerate(pngs[:5]):
            archive.writestr(f"folder/ü{number}.png", png)
    rows = read(tmp_path / "a.zip", weight=2)
    assert places(rows, tmp_path / "a.zip") == [(f"folder/ü{number}.png", None) for number in range(5)]
    assert answers(rows) == "72104"


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_archive_is_read_of_every_format(read, pngs, tmp_path, mode, format):
    write_tar(tmp_path / "a.tar", pngs[:5], mode, format)
    rows = read(tmp_path / "a.tar", weight=2)
    assert answers(rows) == "72104"
    assert [row["path"].split("/")[-1] for row in rows] == [f"{number}é.png" for number in range(5)]


@pytest.mark.parametrize(
    ("name", "is_read"),
    [("a.png", True), ("./a.png", True), ("./b/../a.png", True), ("..a", False), (".a", False), ("./b/.a.png", False),
     ("b/", False), ("__MACOSX/a.png", False), ("b/__MACOSX/._a", False), ("b/Thumbs.db", False), ("Thumbs.dbx", True),
     ("MACOSX/a.png", True), ("a", True), ("", False)],
)  # fmt: skip
def test_folders_and_what_a_system_left_are_no_members(name, is_read):
    assert members.is_picture(name) == is_read


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_idx_file_is_read_as_mnist_comes(read, digits, tmp_path, pack):
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(pack(idx(digits[:20])))
    rows = read(tmp_path, weight=7)
    assert answers(rows) == "72104149590690159734"
    assert [row["page"] for row in rows] == list(range(20))


def test_an_idx_file_and_pngs_of_the_same_digits_are_answered_alike(read, digits, pngs, tmp_path):
    (tmp_path / "a").write_bytes(idx(digits[:300]))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for number, png in enumerate(pngs[:300]):
            archive.writestr(f"{number}.png", png)
    left, right = read(tmp_path / "a"), read(tmp_path / "b.zip")
    assert [row | {"path": "", "page": None} for row in left] == [row | {"path": ""} for row in right]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (lambda pngs: {"label": [1] * 5, "picture": pngs[:5]}, "72104"),
        (lambda pngs: {"image": [{"bytes": png, "path": "x"} for png in pngs[:5]], "label": [1] * 5}, "72104"),
        (lambda pngs: {"file_name": ["0.png", "beside/1.png", "gone.png", None], "text": ["a"] * 4}, "72??"),
        (lambda pngs: {"whatever": ["0.png"]}, "7"),
        (lambda pngs: {"picture": pa.array(pngs[:5], pa.large_binary())}, "72104"),
    ],
)
def test_a_parquet_file_is_read_by_its_column_of_bytes_or_paths(read, pngs, tmp_path, table, expected):
    (tmp_path / "beside").mkdir()
    (tmp_path / "0.png").write_bytes(pngs[0])
    (tmp_path / "beside/1.png").write_bytes(pngs[1])
    pq.write_table(pa.table(table(pngs)), tmp_path / "a.parquet", row_group_size=2)
    rows = read(tmp_path / "a.parquet", weight=3)
    assert answers(rows) == expected
    assert [row["page"] for row in rows] == list(range(len(expected)))


@pytest.mark.parametrize(
    "options",
    [{}, {"compression": "tiff_lzw"}, {"compression": "tiff_adobe_deflate"}, {"compression": "packbits"}, {"big_tiff": True},
     {"compression": "jpeg"}, {"compression": "group4"}, {"compression": "group3"}],
    ids=str,
)  # fmt: skip
def test_every_page_of_a_tiff_is_read(read, pages, tmp_path, options):
    mode = "1" if str(options.get("compression", "")).startswith("group") else "L"
    first, *rest = (page.convert(mode) for page in pages[:5])
    first.save(tmp_path / "a.tif", save_all=True, append_images=rest, **options)
    rows = read(tmp_path, weight=2)
    assert [row["page"] for row in rows] == [1, 2, 3, 4, 5]
    assert answers(rows) == "72104"


def test_every_page_of_a_pdf_is_read(read, pages, tmp_path):
    pages[0].save(tmp_path / "a.pdf", save_all=True, append_images=pages[1:5])
    rows = read(tmp_path, weight=20)
    assert [row["page"] for row in rows] == [1, 2, 3, 4, 5]
    assert answers(rows) == "72104"


def test_documents_in_archives_are_read_page_by_page(read, pages, digits, tmp_path):
    files = {"b.idx": idx(digits[:3])}
    for name in ("a.pdf", "c.tif"):
        stream = io.BytesIO()
        first, *rest = (page.copy() for page in pages[:3])
        first.save(stream, name[2:].upper().replace("TIF", "TIFF"), save_all=True, append_images=rest)
        files[name] = stream.getvalue()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in sorted(files):
            archive.writestr(name, files[name])
    rows = read(tmp_path)
    assert answers(rows) == "721721721"
    assert [row["page"] for row in rows] == [1, 2, 3, 0, 1, 2, 1, 2, 3]


def test_what_cannot_be_read_is_a_row_and_never_the_end(read, pngs, pages, digits, tmp_path):
    def write(name, content):
        (tmp_path / name).write_bytes(content)

    write_tar(tmp_path / "whole.tar", pngs[:3])
    tar = (tmp_path / "whole.tar").read_bytes()
    pages[0].save(tmp_path / "whole.pdf")
    pdf = (tmp_path / "whole.pdf").read_bytes()
    (tmp_path / "whole.tar").unlink()
    (tmp_path / "whole.pdf").unlink()
    write("a.png", b"no picture")
    write("b.png", b"")
    write("c.idx", idx(digits[:3])[:-1])
    write("d.idx", struct.pack(">II", 0x801, 3) + bytes(3))
    write("e.pdf", pdf[: len(pdf) // 2])
    write("f.tar", tar[:600])
    write("g.zip", b"PK\3\4" + bytes(100))
    write("h.parquet", b"PAR1" + bytes(100))
    write("i.tif", b"II*\0\xff\xff\xff\0" + bytes(100))
    write("j.tar.gz", gzip.compress(tar)[:200])
    write("k.gz", gzip.compress(pngs[0]))
    pq.write_table(pa.table({"n": [1]}), tmp_path / "l.parquet")
    (tmp_path / "m.png").symlink_to("nowhere")
    os.mkfifo(tmp_path / "n")
    write("o.png", pngs[0])
    rows = read(tmp_path)
    found = {}
    for row, code in zip(rows, codes(rows), strict=True):
        found.setdefault(row["path"].removeprefix(f"{tmp_path}/").partition("/")[0][0], []).append(code)
    assert found == {
        "a": ["undecodable_image"],
        "b": ["empty_file"],
        "c": [None, None, "damaged_file"],
        "d": ["no_pictures"],
        "e": found["e"],
        "f": ["damaged_file"],
        "g": ["damaged_file"],
        "h": ["damaged_file"],
        "i": ["damaged_file"],
        "j": ["damaged_file"] * 2,
        "k": ["unsupported_archive"],
        "l": ["no_pictures"],
        "m": ["unreadable_file"],  # of the pipe nothing is seen in a folder
        "o": [None],
    }


def test_a_page_that_leads_back_to_an_earlier_one_ends_the_document(read, pages, tmp_path):
    pages[0].copy().save(tmp_path / "a.tif", save_all=True, append_images=pages[1:2])
    content = bytearray((tmp_path / "a.tif").read_bytes())
    (first,) = struct.unpack_from("<I", content, 4)
    (tags,) = struct.unpack_from("<H", content, first)
    (second,) = struct.unpack_from("<I", content, first + 2 + 12 * tags)
    (tags,) = struct.unpack_from("<H", content, second)
    struct.pack_into("<I", content, second + 2 + 12 * tags, first)
    (tmp_path / "a.tif").write_bytes(content)
    assert answers(read(tmp_path)) == "72?"


def test_a_picture_over_the_limit_of_bytes_is_refused_unread(read, tmp_path, config):
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(config.max_bytes + 1)
    (row,) = read(tmp_path)
    assert row["error"].startswith("file_too_large: ")


def test_a_name_that_is_no_text_is_spelt_with_backslashes(read, pngs, tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xff.png")
    with open(path, "wb") as file:
        file.write(pngs[0])
    (row,) = read(tmp_path)
    assert (row["path"], row["answer"]) == (f"{tmp_path}/\\xff.png", "7")


def test_large_grey_levels_of_an_idx_file_are_redrawn(read, digits, tmp_path):
    large = np.stack([cv2.resize(digit, (90, 60)) for digit in digits[:4]])
    (tmp_path / "a").write_bytes(idx(large))
    assert answers(read(tmp_path)) == "7210"


def test_urls_are_read_by_fsspec(read, pngs, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("0.png", pngs[0])
    (tmp_path / "b.png").write_bytes(pngs[1])
    (tmp_path / ".c.png").write_bytes(pngs[1])
    rows = read(f"file://{tmp_path}")
    assert places(rows, f"file://{tmp_path}") == [("a.zip/0.png", None), ("b.png", None)]
    assert answers(rows) == "72"
    assert answers(read(f"file://{tmp_path}/*.png")) == "2"
