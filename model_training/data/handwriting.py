"""Read handwriting beyond MNIST, to train and to measure on: strokes as JSON lines, images in folders.

`--extra`, `--data` and `$DIGITS_EXTRA_DATA` name folders or single files. Folders are searched at any depth for:

- `*.jsonl`, `*.jsonl.gz`: one JSON object a line, `{"label": "7", "writer": "anna", "source": "tablet", "strokes":
  [[[x, y], ...], ...]}`, in any unit. `"y": "down"` says that y grows downwards, as on a canvas; by default y grows
  upwards, as on a tablet. `source` is optional. Any label other than 0 to 9 marks a non-digit.
- `digit/*.png` and `writer/digit/*.png` (JPEG and WebP too), in folders or in a `*.zip`.

What is damaged, locked or beyond the limits of these modules is named and left out, and the rest is read:
`stroke_lines`, `pictures`, `picture_archives`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from model_training.data import picture_archives, pictures, stroke_lines
from model_training.data.sample import Sample
from models.errors import DatasetError, DrawingError

MAX_COMPLAINTS = 100
"""Of a file; further ones are counted."""
MAX_COMPLAINT = 1000
"""Characters, since some errors quote what they complain of."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Handwriting:
    """The samples that were read, and what could not be read."""

    samples: list[Sample]
    unreadable: list[str]
    """One line each: the file, the place in it, the reason."""


def read(places: Iterable[Path]) -> Handwriting:
    """Read every file of the two formats in the places named; what is damaged, locked or too large is left out.

    Raises:
        DatasetError: a place does not exist, or none of them holds a readable sample.
    """
    handwriting = Handwriting([], [])
    places = list(places)
    for place in places:
        if not os.path.exists(place):  # Path.exists raises where a folder above may not be entered
            raise DatasetError(f"{place}: not there; name a folder or a file with handwriting")
        for path in _files(place, handwriting.unreadable) if place.is_dir() else [place]:
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


def _files(folder: Path, unreadable: list[str]) -> list[Path]:
    """List the files at any depth, in order; links to folders are not followed, so that a loop ends."""

    def complain(error: OSError) -> None:
        unreadable.append(f"{error.filename}: cannot be read ({error.strerror})")

    walk = os.walk(folder, onerror=complain)
    return sorted(Path(parent, name) for parent, _, names in walk for name in names)


def _read_file(path: Path, root: Path, handwriting: Handwriting) -> None:
    complaints = 0
    for where, sample in _found(path, root):
        if isinstance(sample, Sample):
            handwriting.samples.append(replace(sample, where=where))
            continue
        complaints += 1
        if complaints <= MAX_COMPLAINTS:
            line = f"{where}: {sample}"[:MAX_COMPLAINT]
            handwriting.unreadable.append("".join(letter if letter.isprintable() else "?" for letter in line))
    if complaints > MAX_COMPLAINTS:
        handwriting.unreadable.append(f"{path}: {complaints - MAX_COMPLAINTS:,} more that cannot be read")


def _found(path: Path, root: Path) -> Iterator[tuple[str, Sample | str]]:
    """Yield what a file holds: each place in it, and the sample there or the reason why it cannot be read."""
    try:
        if path.suffix.lower() in pictures.SUFFIXES:
            within = PurePosixPath(path.relative_to(root).as_posix())
            yield str(path), _picture(path, within, root.name)
        elif not path.name.endswith((*stroke_lines.SUFFIXES, ".zip")):
            return
        elif path.exists() and not path.is_file():  # opening a pipe would wait for ever
            yield str(path), "not a file"
        elif path.suffix == ".zip":
            for name, content in picture_archives.read(path):
                yield f"{path}/{name}", content if isinstance(content, str) else _picture(content, name, path.stem)
        else:
            yield from stroke_lines.read(path)
    except Exception as error:  # the system's, gzip's, zlib's and zipfile's, according to which bytes are damaged
        yield str(path), f"truncated or damaged, or cannot be read ({error})"


def _picture(source: Path | bytes, within: PurePosixPath, collection: str) -> Sample | str:
    """Decode a picture at its place in the collection; returns the reason where it cannot be used."""
    folder, *above = reversed(within.parent.parts or ("",))
    if folder not in set("0123456789"):
        return f"its folder must be named by its digit, 0 to 9, not {folder or within.parent}"
    try:
        grey = pictures.read(source) if isinstance(source, Path) else pictures.grey_levels(source)
    except DrawingError as error:
        return str(error)
    writer = above[0] if above else ""
    return Sample(folder, f"{collection}/{writer}", collection, collection, grey=grey)
