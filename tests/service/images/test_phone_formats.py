"""HEIC and AVIF are decoded as other formats are, and what only looks like them is refused."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests
from PIL import ExifTags, Image

from models.errors import MalformedRequest, RequestTooLarge, UnusableInput
from service.images.decode import decode, decode_picture
from tests.serving import ROOT

PHONE = Path(__file__).parent / "phone"
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
MAX_PIXELS = 12 << 20
HEIC = [CORPUS / "grey.heic", *(PHONE / f"{name}.heic" for name in ("alpha", "mirrored", "turned", "two"))]
"""The same seven: grey of ten bits, on transparent paper, turned or mirrored by the container, and beside another."""


@pytest.fixture(scope="module")
def seven():
    """Draw a dark seven on light paper: (280, 200) uint8."""
    paper = np.full((280, 200), 255, np.uint8)
    cv2.polylines(paper, [np.array([[40, 60], [160, 60], [80, 230]])], False, 0, 20, cv2.LINE_AA)
    return paper


def is_the_seven(drawing, seven):
    return drawing.shape == seven.shape and np.abs(drawing.astype(float) - (255 - seven)).mean() < 8


@pytest.mark.parametrize("path", HEIC, ids=lambda path: path.stem)
def test_a_heic_is_decoded_upright(seven, path):
    data = path.read_bytes()
    assert is_the_seven(decode(data, MAX_PIXELS), seven)
    page = decode_picture(data, MAX_PIXELS)
    assert (page.pixels.shape[:2], page.scale) == ((280, 200), (1.0, 1.0))


def test_an_avif_is_decoded(seven, encode):
    for mode in ("L", "RGB", "RGBA"):
        assert is_the_seven(decode(encode(Image.fromarray(seven).convert(mode), "AVIF"), MAX_PIXELS), seven)
    white_on_nothing = Image.merge("LA", [Image.new("L", (200, 280), 255), Image.fromarray(255 - seven)]).convert(
        "RGBA"
    )
    assert is_the_seven(decode(encode(white_on_nothing, "AVIF"), MAX_PIXELS), seven)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_an_avif_is_applied(seven, encode, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)  # the transposition that the orientation undoes
    turned = Image.fromarray(seven) if back is None else Image.fromarray(seven).transpose(Image.Transpose(back))
    assert is_the_seven(decode(encode(turned.convert("RGB"), "AVIF", exif=exif), MAX_PIXELS), seven)


def test_the_pixels_are_limited(seven, encode):
    for data in (encode(seven, "AVIF"), (CORPUS / "grey.heic").read_bytes()):
        with pytest.raises(RequestTooLarge, match="200 x 280"):
            decode(data, 200 * 280 - 1)


def test_an_animation_is_refused():
    with pytest.raises(UnusableInput, match="several frames"):
        decode((CORPUS / "broken-animated.avif").read_bytes(), MAX_PIXELS)


@pytest.mark.parametrize("size", [16, 300, 900, 1500])
def test_a_file_that_is_cut_short_is_refused(size):
    with pytest.raises(MalformedRequest, match="no complete PNG"):
        decode((CORPUS / "grey.heic").read_bytes()[:size], MAX_PIXELS)


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "a still picture"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a still picture"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42", "a still picture"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn -->\n<SVG/>", "SVG"),
        (b"<html>not found</html>", "no complete PNG"),
        (b"RIFF\0\0\0\0AVI ", "no complete PNG"),
    ],
)
def test_the_refusal_of_another_file_says_what_to_send(start, what):
    with pytest.raises(MalformedRequest, match=what):
        decode(start + bytes(100), MAX_PIXELS)


@pytest.mark.parametrize("format", ["AVIF", "HEIC"])
def test_the_service_reads_twelve_megapixels_within_its_limits(url, format):
    data = (PHONE / "large.heic").read_bytes()
    if format == "AVIF":
        picture = np.full((3024, 4032, 3), (216, 234, 240), np.uint8)
        cv2.polylines(
            picture, [np.array([[1300, 700], [2700, 700], [1800, 2300]])], False, (90, 50, 40), 120, cv2.LINE_AA
        )
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "AVIF", quality=40, speed=10)
        data = buffer.getvalue()
    for path, key, value in (("/predict", "digit", 7), ("/read", "number", "7")):
        reply = requests.post(
            f"{url}{path}", data=data, headers={"Content-Type": f"image/{format.lower()}"}, timeout=20
        )
        assert (reply.status_code, reply.json().get(key)) == (200, value)
