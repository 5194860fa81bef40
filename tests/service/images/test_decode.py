import io
import struct

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from models.errors import MalformedRequest, RequestTooLarge, UnusableInput
from service.images.decode import PICTURE_SIDE, decode, decode_picture

MAX_PIXELS = 12 << 20


@pytest.fixture(scope="module")
def seven():
    """Draw a dark seven on light paper: (280, 200) uint8."""
    paper = np.full((280, 200), 255, np.uint8)
    cv2.polylines(paper, [np.array([[40, 60], [160, 60], [80, 230]])], False, 0, 20, cv2.LINE_AA)
    return paper


def close(one, other, tolerance=4):
    return one.shape == other.shape and np.abs(one.astype(float) - other).mean() < tolerance


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_format_is_decoded(seven, encode, format):
    assert close(decode(encode(seven, format), MAX_PIXELS), 255 - seven)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("light_on_dark", [False, True])
def test_every_png_mode_is_decoded_in_both_polarities(seven, encode, mode, light_on_dark):
    image = Image.fromarray(255 - seven if light_on_dark else seven).convert("L").convert(mode)
    assert close(decode(encode(image), MAX_PIXELS), 255 - seven)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_png_of_few_bits_is_decoded(seven, encode, bits):
    image = Image.fromarray(seven).quantize(2**bits)
    assert close(decode(encode(image, bits=bits), MAX_PIXELS), 255 - seven, tolerance=12)


def test_sixteen_bits_are_decoded(seven, encode):
    deep = Image.fromarray(seven.astype(np.uint16) * 257)
    assert close(decode(encode(deep), MAX_PIXELS), 255 - seven)
    assert close(decode(encode(deep, "TIFF"), MAX_PIXELS), 255 - seven)


def test_thirty_two_bits_are_decoded(seven, encode):
    for array in (seven.astype(np.int32) * 1000, seven.astype(np.float32) / 255):
        assert close(decode(encode(Image.fromarray(array), "TIFF"), MAX_PIXELS), 255 - seven)


def test_cmyk_is_decoded(seven, encode):
    assert close(decode(encode(Image.fromarray(seven).convert("CMYK"), "JPEG"), MAX_PIXELS), 255 - seven)
    assert close(decode(encode(Image.fromarray(seven).convert("CMYK"), "TIFF"), MAX_PIXELS), 255 - seven)


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_ink_of_any_grey_on_a_transparent_canvas_is_decoded(seven, encode, ink, mode):
    image = Image.merge("LA", [Image.new("L", (200, 280), ink), Image.fromarray(255 - seven)]).convert(mode)
    assert close(decode(encode(image), MAX_PIXELS), 255 - seven)


def test_a_palette_with_transparency_is_decoded(seven, encode):
    image = Image.fromarray((seven > 127).astype(np.uint8)).convert("P")
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert close(decode(encode(image, transparency=1), MAX_PIXELS), 255 - seven)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied_as_pillow_does(seven, encode, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = encode(seven, "JPEG", exif=exif, quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert close(decode(data, MAX_PIXELS), 255 - np.asarray(upright), tolerance=1)


def test_a_large_photo_is_averaged_down(seven, encode):
    large = cv2.resize(seven, (2000, 2800), interpolation=cv2.INTER_CUBIC)
    for format in ("JPEG", "PNG"):
        drawing = decode(encode(large, format), MAX_PIXELS)
        assert max(drawing.shape) <= 1024
        assert close(cv2.resize(drawing, (200, 280), interpolation=cv2.INTER_AREA), 255 - seven, tolerance=6)


def test_more_pixels_than_allowed_are_refused_before_they_are_decoded(encode):
    with pytest.raises(RequestTooLarge, match="600 x 500 pixels; scale it down to 299,999 or fewer"):
        decode(encode(np.zeros((500, 600), np.uint8)), 299_999)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_is_refused(seven, encode, format):
    frames = [Image.fromarray(255 - seven)]
    with pytest.raises(UnusableInput, match="several frames"):
        decode(encode(Image.fromarray(seven), format, save_all=True, append_images=frames), MAX_PIXELS)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_cut_short_is_refused(seven, encode, format, share):
    whole = encode(seven, format)
    with pytest.raises(MalformedRequest, match="no complete PNG"):
        decode(whole[: int(len(whole) * share)], MAX_PIXELS)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", bytes(1000)])
def test_data_that_is_not_an_image_is_refused(data):
    with pytest.raises(MalformedRequest, match="no complete PNG"):
        decode(data, MAX_PIXELS)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_of_a_page_is_upright_in_colour_and_knows_its_scale(encode, orientation):
    colours = np.zeros((2000, 4000, 3), np.uint8)
    colours[:1000, :, 0], colours[:, :2000, 2] = 255, 255  # where which colour is, tells how it was turned
    exif = Image.Exif()
    exif[0x0112] = orientation
    body = encode(colours, "JPEG", exif=exif)
    picture = decode_picture(body, 12 << 20)
    whole = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(body))))
    height, width = picture.pixels.shape[:2]
    assert max(height, width) <= PICTURE_SIDE
    assert picture.scale == (whole.shape[1] / width, whole.shape[0] / height)
    small = np.asarray(Image.fromarray(whole).resize((width, height)))
    assert np.abs(picture.pixels.astype(int) - small).mean() < 2


def test_a_small_picture_of_a_page_is_left_as_it_is(encode):
    colours = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)
    assert np.array_equal(decode_picture(encode(colours), 12 << 20).pixels, colours)
    assert np.array_equal(decode_picture(encode(colours[..., 0]), 12 << 20).pixels, colours[..., 0])
    assert decode_picture(encode(colours), 12 << 20).scale == (1, 1)


def test_a_transparent_picture_of_a_page_is_laid_on_paper(encode):
    drawing = np.zeros((40, 40, 4), np.uint8)
    drawing[10:20, 10:20] = (10, 20, 30, 255)
    picture = decode_picture(encode(drawing), 12 << 20).pixels
    assert (picture.shape, picture[0, 0]) == ((40, 40), 255)
    assert picture[15, 15] < 40


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_few_bits_in_samples_of_sixteen_are_decoded(seven, encode, bits):
    samples = np.rint(seven / 255 * (2**bits - 1)).astype(np.uint16)
    assert close(decode(encode(Image.fromarray(samples)), MAX_PIXELS), 255 - seven)
    assert close(decode(encode(Image.fromarray(samples), "TIFF"), MAX_PIXELS), 255 - seven)
    for channels in (3, 4):
        colours = np.dstack([samples] * 3 + [np.full_like(samples, 65535)] * (channels - 3))
        assert close(decode(cv2.imencode(".png", colours)[1].tobytes(), MAX_PIXELS), 255 - seven)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((220, 60, 60), (30, 148, 30)),
        ((0, 60, 255), (110, 40, 20)),
        ((255, 255, 0), (255, 255, 255)),
        ((200, 0, 200), (0, 141, 0)),
    ],
)
def test_ink_as_light_as_its_coloured_paper_is_decoded(seven, encode, format, ink, paper):
    colours = np.where(seven[..., None] < 128, np.uint8(ink), np.uint8(paper))
    drawing = decode(encode(Image.fromarray(colours), format), MAX_PIXELS)
    inked = cv2.threshold(drawing, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    assert close(inked, 255 - seven, tolerance=8)


def test_a_bmp_whose_alpha_is_unused_is_decoded(seven):
    pixels = np.dstack([seven] * 3 + [np.zeros_like(seven)])[::-1].tobytes()
    height, width = seven.shape
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(48)
    head = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, len(pixels), 2835, 2835, 0, 0) + masks
    bmp = b"BM" + struct.pack("<IHHI", 14 + 108 + len(pixels), 0, 0, 14 + 108) + head + pixels
    assert close(decode(bmp, MAX_PIXELS), 255 - seven)
    assert decode_picture(bmp, MAX_PIXELS).pixels.min() == 0
