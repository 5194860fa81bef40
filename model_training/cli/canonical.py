"""Draw a contact sheet of a folder's pictures, before and after canonicalization.

example:
  python -m model_training canonical photos --to sheet.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_training.cli.output import Answer
from models.errors import DatasetError

MOST = 600
"""Pictures on a sheet: more are too many to look at."""


def configure(parser: argparse.ArgumentParser) -> None:
    """FOLDER and where to."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of PNG, JPEG or WebP files, at any depth")
    parser.add_argument("--to", type=Path, metavar="FILE", default=Path("reports/canonical.png"), help="the sheet")


def run(options: argparse.Namespace) -> Answer:
    """Redraw each picture as the model would get to see it."""
    import cv2

    from model_training import progress
    from model_training.data import handwriting
    from model_training.reports import contact_sheet
    from models.errors import DrawingError

    folder: Path = options.folder
    if not folder.is_dir():
        raise DatasetError(f"{folder}: not a folder; name one with pictures of digits")
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in handwriting.IMAGES]
    pairs, unreadable = [], []
    for path in progress.bar(paths[:MOST], desc="canonical", unit="picture"):
        name = path.relative_to(folder).as_posix()
        try:
            pairs.append(contact_sheet.redraw(name, handwriting.grey_levels(path.read_bytes())))
        except (OSError, DrawingError) as error:
            unreadable.append(f"{name}: {error}")
    if not pairs:
        raise DatasetError(f"{folder}: no picture that can be read ({'; '.join(unreadable[:3]) or 'it holds none'})")
    options.to.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(options.to), contact_sheet.draw(pairs)):
        raise DatasetError(f"{options.to}: cannot be written; name a .png in a folder of yours")
    blank = [pair.name for pair in pairs if pair.after is None]
    left_out = max(len(paths) - MOST, 0)
    plural = "" if len(pairs) == 1 else "s"
    lines = [f"{len(pairs)} picture{plural}, {len(blank)} of them blank, on {options.to}."]
    lines += [f"{left_out} more are left out; name a smaller folder."] if left_out else []
    lines += [f"Left out: {complaint}" for complaint in unreadable]
    return Answer(
        {
            "sheet": str(options.to), "pictures": len(pairs), "blank": blank, "unreadable": unreadable,
            "left_out": left_out,
        },
        lines=tuple(lines),
    )  # fmt: skip
