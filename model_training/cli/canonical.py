"""Draw a contact sheet of a folder's images, before and after canonicalization.

example:
  python -m model_training canonical photos --to sheet.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_training.cli.output import CommandOutput
from models.errors import DatasetError

MAX_IMAGES = 600
"""On one sheet; nobody looks at more."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the folder and the sheet."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of images, at any depth")
    parser.add_argument("--to", type=Path, metavar="FILE", default=Path("reports/canonical.png"), help="the sheet")


def run(options: argparse.Namespace) -> CommandOutput:
    """Canonicalize each image and draw the sheet."""
    import cv2

    from model_training import progress
    from model_training.data import pictures
    from model_training.data.left_out import printable
    from model_training.reports import contact_sheet
    from models.errors import DrawingError

    folder: Path = options.folder
    if not folder.is_dir():
        raise DatasetError(f"{folder}: not a folder; name one with images of digits")
    paths = [path for path in sorted(folder.rglob("*")) if pictures.is_one(path.name)]
    pairs, unreadable = [], []
    for path in progress.track(paths[:MAX_IMAGES], "canonical"):
        name = printable(path.relative_to(folder).as_posix())
        try:
            pairs.append(contact_sheet.pair(name, pictures.read(path)))
        except (OSError, DrawingError) as error:
            unreadable.append(f"{name}: {error}")
    if not pairs:
        raise DatasetError(f"{folder}: no image that can be read ({'; '.join(unreadable[:3]) or 'it holds none'})")
    options.to.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(options.to), contact_sheet.draw(pairs)):
        raise DatasetError(f"{options.to}: cannot be written; name a .png in a folder that you may write to")
    blank = [pair.name for pair in pairs if pair.after is None]
    left_out = max(len(paths) - MAX_IMAGES, 0)
    plural = "" if len(pairs) == 1 else "s"
    lines = [f"{len(pairs)} image{plural}, {len(blank)} of them blank, on {options.to}."]
    lines += [f"{left_out} more are left out; name a smaller folder."] if left_out else []
    lines += [f"Left out: {complaint}" for complaint in unreadable]
    return CommandOutput(
        {
            "sheet": str(options.to), "pictures": len(pairs), "blank": blank, "unreadable": unreadable,
            "left_out": left_out,
        },
        lines=tuple(lines),
    )  # fmt: skip
