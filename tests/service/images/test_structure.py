"""Parts of a picture that cost time or memory which its bytes and pixels do not show."""

import cv2
import numpy as np
import pytest

from models.errors import RequestTooLarge
from models.images.structure import MAX_SCANS, MAX_TILES, count_scans
from service.images.decode import decode
from tests.serving import ROOT

CORPUS = ROOT / "tests" / "fuzz" / "corpus"
SCANS = (CORPUS / "broken-scans.jpg").read_bytes()
"""A progressive JPEG whose scans but for the first are alike."""
MAX_PIXELS = 12 << 20


def with_scans(count: int) -> bytes:
    head, *scans = SCANS.removesuffix(b"\xff\xd9").split(b"\xff\xda")
    return b"\xff\xda".join([head, scans[0], *[scans[1]] * (count - 1)]) + b"\xff\xd9"


@pytest.mark.parametrize(
    ("picture", "scans"),
    [
        (SCANS, 61),
        (with_scans(7), 7),
        (with_scans(1000), MAX_SCANS + 1),
        (SCANS[:200], 1),
        (b"\xff" * 1000, 0),
        (b"", 0),
    ],
    ids=["sixty", "seven", "a thousand", "cut", "no segments", "empty"],
)
def test_scans_are_counted_up_to_one_more_than_the_limit(picture, scans):
    assert count_scans(picture) == scans


@pytest.mark.parametrize(("name", "scans"), [("grey.jpg", 1), ("photo.jpg", 1), ("progressive.jpg", 10)])
def test_the_scans_of_ordinary_pictures_are_few(name, scans):
    assert count_scans((CORPUS / name).read_bytes()) == scans


def test_a_jpeg_of_too_many_scans_is_refused_and_says_what_to_do():
    assert decode(with_scans(MAX_SCANS), MAX_PIXELS).shape == (1024, 1024)
    with pytest.raises(RequestTooLarge, match="save it again, as baseline") as refused:
        decode(with_scans(MAX_SCANS + 1), MAX_PIXELS)
    assert refused.value.code == "too_costly"


def test_a_tiff_of_too_many_strips_is_refused_and_says_what_to_do():
    def strips(count: int) -> bytes:
        options = [cv2.IMWRITE_TIFF_ROWSPERSTRIP, 1, cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_NONE]
        return cv2.imencode(".tiff", np.full((count, 8), 255, np.uint8), options)[1].tobytes()

    assert decode(strips(MAX_TILES), MAX_PIXELS).size
    with pytest.raises(RequestTooLarge, match="save it with fewer") as refused:
        decode(strips(MAX_TILES + 1), MAX_PIXELS)
    assert refused.value.code == "too_costly"
