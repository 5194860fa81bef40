"""HEIC and AVIF, the formats of phones: files of ISO base media (ISO/IEC 14496-12), told apart by their brands."""

from __future__ import annotations

from functools import cache

from models.errors import MalformedRequest

AVIF = {b"avif", b"avis"}
HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
MAX_BRANDS = 64
"""Bytes of the brands that are looked at."""
THREADS = 1
"""Threads that decode an image: each process has a core."""


def picture_format(data: bytes) -> str | None:
    """Return Pillow's name of the format, whose decoder is loaded; None if the data is no ISO base media.

    Raises:
        MalformedRequest: it is, but no picture.
    """
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4]), 16 + MAX_BRANDS)
    brands = {data[8:12], *(data[n : n + 4] for n in range(16, end, 4))}
    if not brands & (AVIF | HEIC):
        raise MalformedRequest("undecodable_image", "The file is a video or a sound; send a still picture of it.")
    load_decoders()
    return "AVIF" if brands & AVIF else "HEIF"


@cache
def load_decoders() -> None:
    """Load the decoders, which takes some 50 ms: most processes never need them."""
    import pillow_heif
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
    pillow_heif.options.DECODE_THREADS = THREADS
    pillow_heif.register_heif_opener(thumbnails=False)
