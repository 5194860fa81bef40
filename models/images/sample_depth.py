"""Bring samples of more than eight bits to eight, also where only some of their bits are used."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

DEPTHS = (8, 10, 12, 14, 16)
"""Bits that cameras and scanners store in samples of 16."""
DARK = 64
"""Level that no sample of fourteen bits or fewer reaches, when eight are left of sixteen."""
COPIES = 3
"""Copies of the pixels that are held while colours of 16 bits are decoded anew."""
DEPTH, DEEP = 24, 16
"""Place in a PNG of the number of bits of a sample, and the largest such number."""


def to_bytes(samples: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Scale samples to 0..255, by the bits that the largest one needs; samples of 0 and 1 become 0 and 255."""
    largest = int(samples.max(initial=0))
    if largest <= 1:
        return (samples * 255).astype(np.uint8)
    bits = next(bits for bits in DEPTHS if largest < 1 << bits)
    return (samples >> (bits - 8)).astype(np.uint8)


def decode_dark(image: Image.Image, data: bytes, max_pixels: int) -> Image.Image:
    """Decode a PNG with colours of 16 bits anew if Pillow, which keeps the upper eight, shows it as nearly black.

    Args:
        image: as Pillow loaded it.
        data: the file.
        max_pixels: of a whole image; one of which COPIES would be too many is returned as it is.
    """
    if image.format != "PNG" or image.mode not in ("RGB", "RGBA", "LA") or data[DEPTH] != DEEP:
        return image
    if image.width * image.height * COPIES > max_pixels or np.asarray(image.convert("RGB")).max() >= DARK:
        return image
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None or samples.dtype != np.uint16 or samples.ndim != 3:
        return image
    colours = np.ascontiguousarray(to_bytes(samples[:, :, :3])[:, :, ::-1])
    if samples.shape[2] == 3:
        return Image.fromarray(colours)
    return Image.fromarray(np.dstack([colours, (samples[:, :, 3] >> 8).astype(np.uint8)]))
