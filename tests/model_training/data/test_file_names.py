"""Files are read whatever their names' bytes, endings and encodings are."""

import gzip
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from model_training.data import handwriting, writers
from service.images.decode import decode
from tests.model_training.data.test_handwriting import line, picture

ENDINGS = [
    "PNG",
    "png",
    "Jpg",
    "jpeg",
    "JFIF",
    "webp",
    "WebP",
    "BMP",
    "bmp",
    "tif",
    "TIFF",
    "gif",
    "GIF",
    "avif",
    "HEIC",
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_picture_of_every_format_is_read_whatever_the_case_of_its_ending(tmp_path, ending):
    (tmp_path / "7").mkdir()
    image = Image.new("L", (40, 60), 255)
    image.paste(0, (18, 10, 22, 50))
    image.save(
        tmp_path / "7" / f"one.{ending}",
        format={"jpg": "jpeg", "jfif": "jpeg", "tif": "tiff", "heic": "jpeg"}.get(ending.lower(), ending),
    )
    (sample,) = handwriting.read([tmp_path]).samples
    assert (sample.digit, sample.grey.shape) == (7, (60, 40))


@pytest.mark.parametrize("name", ["pen.JSONL", "pen.Jsonl.GZ", "pen.jsonl.Gz", "pen.NDJSON"])
def test_strokes_are_read_whatever_the_case_of_the_ending(tmp_path, name):
    content = line().encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.lower().endswith("gz") else content)
    (sample,) = handwriting.read([tmp_path]).samples
    assert (sample.digit, sample.collection) == (7, "pen")


def test_an_archive_is_read_whatever_the_case_of_its_ending_strokes_and_all(tmp_path):
    picture(tmp_path / "one.png")
    with zipfile.ZipFile(tmp_path / "More.ZIP", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "one.png", "anna/7/one.PNG")
        archive.write(tmp_path / "one.png", "ben\\8\\two.png")
        archive.write(tmp_path / "one.png", "__MACOSX/anna/7/._one.PNG")
        archive.writestr("pens/tablet.JSONL", line() + "{\n" + line(label=3))
        archive.writestr("pens/packed.jsonl.gz", gzip.compress(line(label=4).encode()))
        archive.writestr("pens/cut.jsonl.gz", gzip.compress(line(label=5).encode())[:-9])
        archive.writestr("notes.txt", "no digits")
    read = handwriting.read([tmp_path / "More.ZIP"])
    found = [(sample.label, sample.writer) for sample in read.samples]
    whole = [("7", "More/anna"), ("8", "More/ben"), ("7", "tablet/anna"), ("3", "tablet/anna"), ("4", "tablet/anna")]
    assert sorted(found) == sorted([*whole, ("5", "tablet/anna")])
    assert any("More.ZIP/pens/tablet.JSONL:2: not a JSON object" in complaint for complaint in read.unreadable)
    assert any("More.ZIP/pens/cut.jsonl.gz: truncated" in complaint for complaint in read.unreadable)
    assert read.left_out.ignored == {".txt": 1}


def test_names_in_any_bytes_are_read_named_and_split(tmp_path):
    odd = os.fsencode(tmp_path) + b"/h\xe4nde \xff/ann\xe9/7"
    os.makedirs(odd)
    picture(tmp_path / "one.png")
    os.rename(tmp_path / "one.png", odd + b"/\xb0\xa1\n.PNG")
    with open(odd + b"/\xc5.png", "wb") as broken:
        broken.write(b"no picture")
    with open(os.fsencode(tmp_path) + b"/p\xe9n.jsonl", "w") as pen:
        pen.write(line() + line().replace('"source": "tablet", ', ""))
    read = handwriting.read([tmp_path])
    assert len(read.samples) == 3
    text = "\n".join([*read.unreadable, *(f"{s.where} {s.writer} {s.source} {s.collection}" for s in read.samples)])
    assert text.encode().decode().replace("\n", "").isprintable()
    assert "ann\\xe9" in text
    assert "p\\xe9n/anna" in text
    assert len(writers.split(read.samples).train) == 3
    assert handwriting.sha256(read.samples)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-32-le", "\ufeff")],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_byte_order_mark_costs_nothing(tmp_path, encoding, mark, packed):
    content = (mark + line(writer="änna") + line(label="3").replace("\n", "\r\n")).encode(encoding)
    (tmp_path / ("pen.jsonl.gz" if packed else "pen.jsonl")).write_bytes(gzip.compress(content) if packed else content)
    read = handwriting.read([tmp_path])
    assert read.unreadable == []
    assert [sample.label for sample in read.samples] == ["7", "3"]
    assert read.samples[0].writer == "tablet/änna"


def test_joined_files_keep_every_line_though_each_began_with_a_byte_order_mark(tmp_path):
    (tmp_path / "pen.jsonl").write_bytes(("\ufeff" + line()).encode() * 3)
    assert len(handwriting.read([tmp_path]).samples) == 3


@pytest.mark.parametrize(("encoding", "bad"), [("utf-8", b"\xe9"), ("utf-16", b"\x00\xdc")])
def test_one_bad_byte_costs_one_line(tmp_path, encoding, bad):
    whole = line(writer="@").replace("@", "@@").encode(encoding.replace("16", "16-le"))
    mark = b"\xff\xfe" if "16" in encoding else b""
    (tmp_path / "pen.jsonl").write_bytes(
        mark + whole + whole.replace("@".encode(encoding.replace("16", "16-le")), bad) + whole
    )
    read = handwriting.read([tmp_path])
    assert [sample.where.rpartition(":")[2] for sample in read.samples] == ["1", "3"]
    assert len(read.unreadable) == 1


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_a_transparent_picture_is_read_as_the_service_reads_it(tmp_path, ink):
    image = np.zeros((60, 40, 4), np.uint8)
    image[10:50, 18:22] = (ink, ink, ink, 255)
    (tmp_path / "1").mkdir()
    Image.fromarray(image).save(tmp_path / "1" / "canvas.png")
    (sample,) = handwriting.read([tmp_path]).samples
    served = decode((tmp_path / "1" / "canvas.png").read_bytes(), 1 << 20)
    assert np.array_equal(np.abs(sample.grey.astype(int) - sample.grey[0, 0]), served)
    assert served.max() == 255


def test_files_that_are_no_handwriting_are_counted_by_their_endings(tmp_path):
    picture(tmp_path / "7" / "one.png")
    for name in ("labels.csv", "more.CSV", "readme"):
        (tmp_path / name).write_text("7")
    assert handwriting.read([tmp_path]).left_out.ignored == {".csv": 2, "no ending": 1}
