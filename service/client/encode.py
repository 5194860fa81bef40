"""Encode the images that a Python program holds as image files."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

Picture: TypeAlias = "str | PathLike[str] | bytes | Image | NDArray[np.uint8]"
"""A path, an encoded image, a Pillow image, or (h, w) or (h, w, 3 or 4) uint8 pixels."""


def encode(image: Picture) -> bytes:
    """Return the bytes of an image file; images that are not encoded yet become PNG.

    Raises:
        OSError: the file cannot be read.
        TypeError: the value is not an image.
    """
    if isinstance(image, bytes):
        return image
    if isinstance(image, (str, PathLike)):
        return Path(image).read_bytes()
    from PIL import Image

    try:
        picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    except (TypeError, AttributeError) as error:
        kind = f"{type(image).__name__} of {getattr(image, 'dtype', 'no dtype')} {getattr(image, 'shape', '')}".strip()
        raise TypeError(
            f"must be a path, bytes, a Pillow image, or uint8 pixels (h, w), (h, w, 3) or (h, w, 4), not a {kind}"
        ) from error
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
