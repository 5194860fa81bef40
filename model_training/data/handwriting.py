"""Read handwriting beyond MNIST, to train and to measure on: strokes as JSON lines, images in folders.

`--extra`, `--data` and `$DIGITS_EXTRA_DATA` name folders or files. Folders and zips are searched at any depth for:

- `*.jsonl`, `*.jsonl.gz`: one JSON object a line, `{"label": "7", "writer": "anna", "source": "tablet", "strokes":
  [[[x, y], ...], ...]}`, in any unit. `"y": "down"` says that y grows downwards, as on a canvas; by default y grows
  upwards, as on a tablet. `source` is optional.
- `label/*.png` and `writer/label/*.png`, and other pictures that the service reads.

A label is a digit, a letter (a non-digit), or `none` for what is neither: `labels`. Folders called train, validation
and test are those parts: `parts`. Names of files may have any bytes and endings in any case. What is damaged, locked,
labelled otherwise or beyond the limits of these modules is named and left out, and the rest is read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath

from model_training.data import labels, parts, pictures, stroke_lines, zip_archives
from model_training.data.left_out import LeftOut, printable
from model_training.data.sample import Sample
from models.errors import DatasetError, DrawingError

ARCHIVE = ".zip"


@dataclass(frozen=True)
class Handwriting:
    """The samples that were read, and what could not be read."""

    samples: list[Sample] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)

    @property
    def unreadable(self) -> list[str]:
        """One line each: the file, the place in it, the reason."""
        return self.left_out.complaints


def read(places: Iterable[Path]) -> Handwriting:
    """Read every file of the two formats in the places named; what is damaged, locked or too large is left out.

    Raises:
        DatasetError: a place does not exist, or none of them holds a readable sample.
    """
    handwriting = Handwriting()
    places = list(places)
    for place in places:
        if not os.path.exists(place):  # Path.exists raises where a folder above may not be entered
            raise DatasetError(f"{place}: not there; name a folder or a file with handwriting")
        for path in _files(place, handwriting.left_out) if place.is_dir() else [place]:
            _read_file(path, place if place.is_dir() else place.parent, handwriting)
    if places and not handwriting.samples:
        reasons = "; ".join(handwriting.unreadable[:3]) or "neither *.jsonl nor digit/*.png nor writer/digit/*.png"
        raise DatasetError(f"{', '.join(map(str, places))}: no digit that can be read ({reasons})")
    return handwriting


def sha256(samples: Iterable[Sample]) -> dict[str, str]:
    """Hash each collection in the order read: labels, writers, parts, points and grey levels."""
    hashes: dict[str, hashlib._Hash] = {}
    for sample in samples:
        whole = hashes.setdefault(sample.collection, hashlib.sha256())
        whole.update(json.dumps([sample.label, sample.writer, *([sample.part] * bool(sample.part))]).encode())
        for array in sample.strokes if sample.grey is None else (sample.grey,):
            whole.update(json.dumps(array.shape).encode() + array.tobytes())
    return {collection: whole.hexdigest() for collection, whole in hashes.items()}


def _files(folder: Path, left_out: LeftOut) -> list[Path]:
    """List the files at any depth, in order; links to folders are not followed, so that a loop ends."""

    def complain(error: OSError) -> None:
        left_out.add(folder.name, str(error.filename), f"cannot be read ({error.strerror})")

    walk = os.walk(folder, onerror=complain)
    return sorted(Path(parent, name) for parent, _, names in walk for name in names)


def _read_file(path: Path, root: Path, handwriting: Handwriting) -> None:
    if not (pictures.is_one(path.name) or stroke_lines.is_one(path.name) or path.suffix.lower() == ARCHIVE):
        handwriting.left_out.ignore(path.name)
        return
    with handwriting.left_out.of_file(path):
        for collection, where, sample in _found(path, root):
            if isinstance(sample, Sample):
                handwriting.samples.append(replace(sample, where=printable(where)))
            elif sample is None:
                handwriting.left_out.ignore(where)
            else:
                handwriting.left_out.add(collection, where, sample)


def _found(path: Path, root: Path) -> Iterator[tuple[str, str, Sample | str | None]]:
    """Yield what a file holds: its collection, each place in it, and the sample or why there is none.

    None instead of a reason says that it is no file of handwriting at all.
    """
    within = PurePosixPath(root.resolve().name if root.name in ("", "..") else root.name, *path.relative_to(root).parts)
    collection = within.parts[0]
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait for ever
            yield collection, str(path), "not a file"
        elif pictures.is_one(path.name):
            yield collection, str(path), _picture(path, within, collection)
        elif stroke_lines.is_one(path.name):
            collection = stroke_lines.stem(path.name)
            for line, sample in stroke_lines.read(path):
                yield collection, f"{path}{line}", _placed(sample, within)
        else:
            collection = path.stem
            yield from _in_archive(path, within.with_suffix(""))
    except Exception as error:  # the system's, gzip's, zlib's and zipfile's, according to which bytes are damaged
        yield collection, str(path), f"truncated or damaged, or cannot be read ({error})"


def _in_archive(path: Path, within: PurePosixPath) -> Iterator[tuple[str, str, Sample | str | None]]:
    for name, content in zip_archives.read(path):
        where = f"{path}/{name}"
        if content is None or isinstance(content, str):
            yield path.stem, where, content
        elif isinstance(content, bytes):
            yield path.stem, where, _picture(content, within / name, path.stem)
        else:
            try:
                for line, sample in stroke_lines.read_lines(content, name.name):
                    yield stroke_lines.stem(name.name), f"{where}{line}", _placed(sample, within / name)
            except Exception as error:  # as in _found; the entries beside it may be whole
                yield path.stem, where, f"truncated or damaged, or cannot be read ({error})"


def _picture(source: Path | bytes, within: PurePosixPath, collection: str) -> Sample | str:
    """Decode a picture at its place in the collection; returns the reason where it cannot be used."""
    folder, *above = reversed(within.parts[1:-1] or ("",))
    try:
        label = labels.parse(folder)
    except ValueError as error:
        return f"its folder must be named by its digit, 0 to 9, not {printable(folder) or 'nothing'} ({error})"
    try:
        grey = pictures.read(source) if isinstance(source, Path) else pictures.grey_levels(source)
    except DrawingError as error:
        return str(error)
    writer = next((name for name in above if not parts.is_part(name)), "")
    collection = printable(collection)
    return _placed(Sample(label, f"{collection}/{printable(writer)}", collection, collection, grey=grey), within)


def _placed(sample: Sample | str, within: PurePath) -> Sample | str:
    """Put a sample into the part that the folders above it name; a file of strokes may be named like one too."""
    if isinstance(sample, str):
        return sample
    folders = within.parts[:-1] if sample.grey is not None else (*within.parts[:-1], stroke_lines.stem(within.name))
    part = parts.of_folders(folders)
    return replace(sample, part=part) if part else sample
