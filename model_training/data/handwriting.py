"""What people wrote, for training and measuring on more than MNIST: strokes as JSON lines, images in folders.

`DIGITS_EXTRA_DATA` and `--extra` name folders, or single files. In them are read, at any depth:

- `*.jsonl`, `*.jsonl.gz`: one JSON object a line, `{"label": "7", "writer": "anna", "source": "tablet", "strokes":
  [[[x, y], ...], ...]}`. Units are the device's. `"y": "down"`: y grows downwards, as on a canvas; without it y
  grows upwards, as on a tablet. `source` may be left out. A label that is no digit teaches what a digit is not.
- `digit/*.png` and `writer/digit/*.png` (JPEG and WebP too), in folders or in a `*.zip`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from models.errors import DatasetError, DrawingError

IMAGES = {".png", ".jpg", ".jpeg", ".webp"}
LINES = (".jsonl", ".jsonl.gz")
LOOK_LIKE_DIGITS = frozenset("OoIlSsZzBbgq")
"""Letters that may be read as a digit and are no mistake; neither taught nor measured."""


@dataclass(frozen=True)
class Specimen:
    """One thing that one person wrote: strokes or an image."""

    label: str
    """What it is: `0` to `9`, or a letter."""
    writer: str
    """Who wrote it, unique among all sources: `source/writer`."""
    source: str
    """Where it comes from: the device or the collection."""
    collection: str
    """The file or folder that held it."""
    strokes: tuple[NDArray[np.float64], ...] = ()
    """Each (n, 2) points (x, y), y down, the device's unit; empty for an image."""
    grey: NDArray[np.uint8] | None = None
    """(h, w) uint8 grey levels; None for strokes."""
    where: str = ""
    """The file, and the place in it."""

    @property
    def digit(self) -> int | None:
        """0 to 9; None for what is no digit."""
        return int(self.label) if self.label in set("0123456789") else None


@dataclass(frozen=True)
class Collected:
    """What a folder held, and what of it could not be read."""

    specimens: list[Specimen]
    unreadable: list[str]
    """One line each: the file, the place in it, the reason."""


def read(places: Iterable[Path]) -> Collected:
    """Read every file of the two formats in the places named.

    Raises:
        DatasetError: a place does not exist, or there is nothing readable in any of them.
    """
    collected = Collected([], [])
    places = list(places)
    for place in places:
        if not place.exists():
            raise DatasetError(f"{place}: not there; name a folder or a file with people's digits")
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            _read_file(path, place if place.is_dir() else place.parent, collected)
    if places and not collected.specimens:
        reasons = "; ".join(collected.unreadable[:3]) or "neither *.jsonl nor digit/*.png nor writer/digit/*.png"
        raise DatasetError(f"{', '.join(map(str, places))}: no digit that can be read ({reasons})")
    return collected


def sha256(specimens: Iterable[Specimen]) -> dict[str, str]:
    """A hash for each collection, of what was read from it in that order: labels, writers, points and grey levels."""
    hashes: dict[str, hashlib._Hash] = {}
    for specimen in specimens:
        whole = hashes.setdefault(specimen.collection, hashlib.sha256())
        whole.update(json.dumps([specimen.label, specimen.writer]).encode())
        for array in specimen.strokes if specimen.grey is None else (specimen.grey,):
            whole.update(json.dumps(array.shape).encode() + array.tobytes())
    return {collection: whole.hexdigest() for collection, whole in hashes.items()}


def _read_file(path: Path, root: Path, collected: Collected) -> None:
    found: Iterator[tuple[str, Specimen | str]]
    if path.name.endswith(LINES):
        found = _lines(path)
    elif path.suffix == ".zip":
        found = _zip(path)
    elif path.suffix.lower() in IMAGES and path.is_file():
        within = PurePosixPath(path.relative_to(root).as_posix())
        found = iter([(str(path), _image(path.read_bytes(), within, root.name))])
    else:
        return
    try:
        for where, specimen in found:
            if isinstance(specimen, Specimen):
                collected.specimens.append(replace(specimen, where=where))
            else:
                collected.unreadable.append(f"{where}: {specimen}")
    except (OSError, EOFError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        collected.unreadable.append(f"{path}: truncated or damaged ({error})")


def _lines(path: Path) -> Iterator[tuple[str, Specimen | str]]:
    collection = path.name.removesuffix(".gz").removesuffix(".jsonl")
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"{path}:{number}", _strokes(line, collection)


def _strokes(line: str, collection: str) -> Specimen | str:
    try:
        document = json.loads(line)
        down = {"up": -1.0, "down": 1.0}[document.get("y", "up")]
        strokes = tuple(np.array(stroke, float).reshape(-1, 2) * [1, down] for stroke in document["strokes"] if stroke)
        source = str(document.get("source", collection))
        if not strokes or not all(np.isfinite(stroke).all() for stroke in strokes):
            return "holds no stroke, or a number that is not finite"
        return Specimen(str(document["label"]), f"{source}/{document['writer']}", source, collection, strokes)
    except KeyError as error:
        return f'lacks {error}, or "y" is neither up nor down'
    except (ValueError, TypeError, AttributeError) as error:
        return f"not a JSON object with label, writer and strokes ({error})"


def _zip(path: Path) -> Iterator[tuple[str, Specimen | str]]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if PurePosixPath(name).suffix.lower() in IMAGES:
                yield f"{path}/{name}", _image(archive.read(name), PurePosixPath(name), path.stem)


def _image(encoded: bytes, within: PurePosixPath, collection: str) -> Specimen | str:
    folder, *above = reversed(within.parent.parts or ("",))
    if folder not in set("0123456789"):
        return f"its folder must be named by its digit, 0 to 9, not {folder or within.parent}"
    try:
        grey = grey_levels(encoded)
    except DrawingError as error:
        return str(error)
    writer = above[0] if above else ""
    return Specimen(folder, f"{collection}/{writer}", collection, collection, grey=grey)


def grey_levels(encoded: bytes) -> NDArray[np.uint8]:
    """The (h, w) grey levels of an image file, upright, on white where it is transparent.

    Raises:
        DrawingError: it is no image that can be read.
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
