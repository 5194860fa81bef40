"""Write the corrections that people made in the page as training data, in the formats that `--extra` reads.

Drawings become lines of FOLDER/corrections.jsonl, images become FOLDER/WRITER/DIGIT/ID.png. Writers are unknown, so the
day stands for the writer: corrections by the same person are mostly made on one day.

example:
  python -m model_training corrections --out corrected
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from model_training.cli.output import CommandOutput
from models.registry.corrections import DEFAULT_URL, Correction, Corrections

STROKES_FILE = "corrections.jsonl"
NON_DIGIT = "none"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the folder and the database."""
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="where to write; created if missing")
    parser.add_argument(
        "--database", metavar="URL", default=os.environ.get("DIGITS_DATABASE_URL") or DEFAULT_URL,
        help="of the service; $DIGITS_DATABASE_URL sets it too",
    )  # fmt: skip


def run(options: argparse.Namespace) -> CommandOutput:
    """Write all corrections; files of an earlier run are replaced."""
    drawings, images, left_out = [], 0, 0
    for correction in Corrections(options.database):
        if correction.strokes:
            drawings.append(_line(correction))
        elif correction.label is None:
            left_out += 1  # folders are named by a digit
        else:
            folder = options.out / _writer(correction) / str(correction.label)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{correction.id}.png").write_bytes(correction.png)
            images += 1
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / STROKES_FILE).write_text("".join(line + "\n" for line in drawings))
    document = {"out": str(options.out), "drawings": len(drawings), "pictures": images, "left_out": left_out}
    lines = [f"{options.out}: {len(drawings)} drawings and {images} images; train on them with --extra."]
    if not drawings and not images:
        lines = [f"{options.out}: no corrections to train on yet; people make them in the page."]
    if left_out:
        lines.append(f"Left out: {left_out} images of non-digits, which --extra cannot read.")
    return CommandOutput(document, lines=tuple(lines))


def _line(correction: Correction) -> str:
    return json.dumps(
        {
            "label": NON_DIGIT if correction.label is None else str(correction.label),
            "writer": _writer(correction),
            "source": "corrections",
            "y": "down",
            "strokes": correction.strokes,
        }
    )


def _writer(correction: Correction) -> str:
    return correction.made.date().isoformat()
