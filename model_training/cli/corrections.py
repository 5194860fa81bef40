"""Write what people corrected in the page as training data, of the formats that `--extra` reads.

Drawings become lines of FOLDER/corrections.jsonl, pictures become FOLDER/WRITER/DIGIT/ID.png. Whoever corrects is
unknown: the day stands for the writer, since who corrects twice does so in one sitting.

example:
  python -m model_training corrections --out corrected
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from model_training.cli.output import Answer
from models.registry.corrections import DEFAULT_URL, Correction, Corrections

STROKES_FILE = "corrections.jsonl"
NO_DIGIT = "none"


def configure(parser: argparse.ArgumentParser) -> None:
    """The folder and the database."""
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="where to write; made if need be")
    parser.add_argument(
        "--database", metavar="URL", default=os.environ.get("DIGITS_DATABASE_URL") or DEFAULT_URL,
        help="where the service keeps them; $DIGITS_DATABASE_URL names it too",
    )  # fmt: skip


def run(options: argparse.Namespace) -> Answer:
    """Write them all; what an earlier run wrote is written anew."""
    drawings, pictures, left_out = [], 0, 0
    for correction in Corrections(options.database):
        if correction.strokes:
            drawings.append(_line(correction))
        elif correction.label is None:
            left_out += 1  # a folder's name is a digit
        else:
            folder = options.out / _writer(correction) / str(correction.label)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{correction.id}.png").write_bytes(correction.png)
            pictures += 1
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / STROKES_FILE).write_text("".join(line + "\n" for line in drawings))
    document = {"out": str(options.out), "drawings": len(drawings), "pictures": pictures, "left_out": left_out}
    lines = [f"{options.out}: {len(drawings)} drawings and {pictures} pictures; train on them with --extra."]
    if not drawings and not pictures:
        lines = [f"{options.out}: no corrections to train on yet; people make them in the page."]
    if left_out:
        lines.append(f"Left out: {left_out} pictures of what is no digit, which --extra cannot read.")
    return Answer(document, lines=tuple(lines))


def _line(correction: Correction) -> str:
    return json.dumps(
        {
            "label": NO_DIGIT if correction.label is None else str(correction.label),
            "writer": _writer(correction),
            "source": "corrections",
            "y": "down",
            "strokes": correction.strokes,
        }
    )


def _writer(correction: Correction) -> str:
    return correction.made.date().isoformat()
