"""Read handwriting beyond MNIST, to train and to measure on: strokes as JSON lines, images in folders.

`--extra`, `--data` and `$DIGITS_EXTRA_DATA` name folders or single files. Folders are searched at any depth for:

- `*.jsonl`, `*.jsonl.gz`: one JSON object a line, `{"label": "7", "writer": "anna", "source": "tablet", "strokes":
  [[[x, y], ...], ...]}`, in any unit. `"y": "down"` says that y grows downwards, as on a canvas; by default y grows
  upwards, as on a tablet. `source` is optional. Any label other than 0 to 9 marks a non-digit.
- `digit/*.png` and `writer/digit/*.png` (JPEG and WebP too), in folders or in a `*.zip`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from models.errors import DatasetError, DrawingError

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
STROKE_SUFFIXES = (".jsonl", ".jsonl.gz")
LOOKALIKES = frozenset("OoIlSsZzBbgq")
"""Letters that may pass for a digit; they are neither trained on nor measured."""


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sample:
    """One digit or letter by one writer, as strokes or as an image."""

    label: str
    """`0` to `9`, or the name of a non-digit."""
    writer: str
    """`source/writer`, unique among all sources."""
    source: str
    """The device or collection."""
    collection: str
    """The file or folder that holds it."""
    strokes: tuple[NDArray[np.float64], ...] = ()
    """Each (n, 2) points (x, y), y down, in the device's unit; empty for an image."""
    grey: NDArray[np.uint8] | None = None
    """(h, w) uint8 grey levels; None for strokes."""
    where: str = ""
    """The file, and the place in it."""

    @property
    def digit(self) -> int | None:
        """0 to 9; None for a non-digit."""
        return int(self.label) if self.label in set("0123456789") else None

    @property
    def non_digit(self) -> bool:
        """Whether it is a non-digit that cannot pass for a digit."""
        return self.digit is None and self.label not in LOOKALIKES


@dataclass(frozen=True)
class Handwriting:
    """The samples that were read, and what could not be read."""

    samples: list[Sample]
    unreadable: list[str]
    """One line each: the file, the place in it, the reason."""


def read(places: Iterable[Path]) -> Handwriting:
    """Read every file of the two formats in the places named.

    Raises:
        DatasetError: a place does not exist, or none of them holds a readable sample.
    """
    handwriting = Handwriting([], [])
    places = list(places)
    for place in places:
        if not place.exists():
            raise DatasetError(f"{place}: not there; name a folder or a file with handwriting")
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            _read_file(path, place if place.is_dir() else place.parent, handwriting)
    if places and not handwriting.samples:
        reasons = "; ".join(handwriting.unreadable[:3]) or "neither *.jsonl nor digit/*.png nor writer/digit/*.png"
        raise DatasetError(f"{', '.join(map(str, places))}: no digit that can be read ({reasons})")
    return handwriting


def read_for_training(places: Iterable[Path]) -> list[Sample]:
    """Do as `read`, but log what cannot be read; returns the samples."""
    handwriting = read(places)
    for complaint in handwriting.unreadable:
        log.warning("Left out: %s", complaint)
    return handwriting.samples


def sha256(samples: Iterable[Sample]) -> dict[str, str]:
    """Hash each collection in the order read: labels, writers, points and grey levels."""
    hashes: dict[str, hashlib._Hash] = {}
    for sample in samples:
        whole = hashes.setdefault(sample.collection, hashlib.sha256())
        whole.update(json.dumps([sample.label, sample.writer]).encode())
        for array in sample.strokes if sample.grey is None else (sample.grey,):
            whole.update(json.dumps(array.shape).encode() + array.tobytes())
    return {collection: whole.hexdigest() for collection, whole in hashes.items()}


def grey_levels(encoded: bytes) -> NDArray[np.uint8]:
    """Decode an image file to (h, w) uint8 grey levels, upright, on white where it is transparent.

    Raises:
        DrawingError: the bytes are not a readable image.
    """
    try:
        with Image.open(io.BytesIO(encoded)) as opened:
            image = ImageOps.exif_transpose(opened)
            if "A" in image.getbands() or "transparency" in image.info:
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
            return np.asarray(image.convert("L"))
    except UnidentifiedImageError:
        raise DrawingError("not an image that can be read") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DrawingError(f"not an image that can be read ({error})") from error


def _read_file(path: Path, root: Path, handwriting: Handwriting) -> None:
    found: Iterator[tuple[str, Sample | str]]
    if path.name.endswith(STROKE_SUFFIXES):
        found = _json_lines(path)
    elif path.suffix == ".zip":
        found = _zip(path)
    elif path.suffix.lower() in IMAGE_SUFFIXES and path.is_file():
        within = PurePosixPath(path.relative_to(root).as_posix())
        found = iter([(str(path), _image(path.read_bytes(), within, root.name))])
    else:
        return
    try:
        for where, sample in found:
            if isinstance(sample, Sample):
                handwriting.samples.append(replace(sample, where=where))
            else:
                handwriting.unreadable.append(f"{where}: {sample}")
    except (OSError, EOFError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        handwriting.unreadable.append(f"{path}: truncated or damaged ({error})")


def _json_lines(path: Path) -> Iterator[tuple[str, Sample | str]]:
    collection = path.name.removesuffix(".gz").removesuffix(".jsonl")
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"{path}:{number}", _strokes(line, collection)


def _strokes(line: str, collection: str) -> Sample | str:
    """Parse a line; returns the reason where it cannot be parsed."""
    try:
        document = json.loads(line)
        down = {"up": -1.0, "down": 1.0}[document.get("y", "up")]
        strokes = tuple(np.array(stroke, float).reshape(-1, 2) * [1, down] for stroke in document["strokes"] if stroke)
        source = str(document.get("source", collection))
        if not strokes or not all(np.isfinite(stroke).all() for stroke in strokes):
            return "holds no stroke, or a number that is not finite"
        return Sample(str(document["label"]), f"{source}/{document['writer']}", source, collection, strokes)
    except KeyError as error:
        return f'lacks {error}, or "y" is neither up nor down'
    except (ValueError, TypeError, AttributeError) as error:
        return f"not a JSON object with label, writer and strokes ({error})"


def _zip(path: Path) -> Iterator[tuple[str, Sample | str]]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES:
                yield f"{path}/{name}", _image(archive.read(name), PurePosixPath(name), path.stem)


def _image(encoded: bytes, within: PurePosixPath, collection: str) -> Sample | str:
    """Decode an image at its place in the collection; returns the reason where it cannot be used."""
    folder, *above = reversed(within.parent.parts or ("",))
    if folder not in set("0123456789"):
        return f"its folder must be named by its digit, 0 to 9, not {folder or within.parent}"
    try:
        grey = grey_levels(encoded)
    except DrawingError as error:
        return str(error)
    writer = above[0] if above else ""
    return Sample(folder, f"{collection}/{writer}", collection, collection, grey=grey)
