"""Write the corrections that people made in the page as training data, in the formats that `--extra` reads.

Drawings become lines of FOLDER/corrections.jsonl, images become FOLDER/WRITER/LABEL/ID.png; non-digits have the label
`none`. Writers are unknown, so the day stands for the writer: corrections by one person are mostly made on one day.

example:
  python -m model_training corrections --out corrected
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from model_training.cli.output import CommandOutput
from model_training.data.labels import NON_DIGIT
from models.registry.corrections import DEFAULT_URL, Correction, Corrections

STROKES_FILE = "corrections.jsonl"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the folder and the database."""
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="where to write; created if missing")
    parser.add_argument(
        "--database", metavar="URL", default=os.environ.get("DIGITS_DATABASE_URL") or DEFAULT_URL,
        help="of the service; $DIGITS_DATABASE_URL sets it too",
    )  # fmt: skip


def run(options: argparse.Namespace) -> CommandOutput:
    """Write all corrections; files of an earlier run are replaced."""
    drawings, images = [], 0
    for correction in Corrections(options.database):
        if correction.strokes:
            drawings.append(_line(correction))
        else:
            folder = options.out / _writer(correction) / _label(correction)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{correction.id}.png").write_bytes(correction.png)
            images += 1
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / STROKES_FILE).write_text("".join(line + "\n" for line in drawings))
    document = {"out": str(options.out), "drawings": len(drawings), "pictures": images}
    lines = [f"{options.out}: {len(drawings)} drawings and {images} images; train on them with --extra."]
    if not drawings and not images:
        lines = [f"{options.out}: no corrections to train on yet; people make them in the page."]
    return CommandOutput(document, lines=tuple(lines))


def _line(correction: Correction) -> str:
    return json.dumps(
        {
            "label": _label(correction),
            "writer": _writer(correction),
            "source": "corrections",
            "y": "down",
            "strokes": correction.strokes,
        }
    )


def _label(correction: Correction) -> str:
    return NON_DIGIT if correction.label is None else str(correction.label)


def _writer(correction: Correction) -> str:
    return correction.made.date().isoformat()
