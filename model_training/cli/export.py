"""Export a version as Keras, SavedModel, ONNX and LiteRT files, and verify each file.

The weights alone and the architecture as JSON are added. The SavedModel has signatures for uint8 digits and for PNG
files. All files take grey levels, 28x28, ink 255. Each is loaded again in a process of its own and compared with the
served model on 1,000 digits. Exit status 3: a file gives other probabilities.

example:
  python -m model_training export stable --to exported/
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np

from model_training.cli.output import NO, CommandOutput, Table
from models.errors import DigitsError

TOLERANCE = 1e-4
"""Largest difference of any probability that rounding explains."""
DIGITS = 1000
PROCESSES = 2
"""That run at a time; each takes a gigabyte."""


class ExportError(DigitsError):
    """The directory exists already."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the version, the directory and MNIST."""
    parser.add_argument("version", metavar="VERSION", help="a number, stable or canary")
    parser.add_argument("--to", type=Path, metavar="DIR", required=True, help="where to write; must not exist yet")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with MNIST; downloaded by default")


def run(options: argparse.Namespace) -> CommandOutput:
    """Write the files, load them again, compare; the directory appears whole or not at all."""
    directory = options.store.resolve(options.version)
    if options.to.exists():
        raise ExportError(f"{options.to}: exists; name a directory that does not, because nothing is overwritten")
    from model_training import progress
    from model_training.data import dataset, mnist
    from model_training.export import formats, verification
    from models.registry import artifact

    model = artifact.load(directory)
    splits = dataset.split(mnist.load(options.data))
    digits = splits.test.digits[:DIGITS]
    served = model.predict(digits).probabilities
    options.to.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{options.to.name}-", dir=options.to.parent))
    try:
        staging.chmod(0o755)
        names, paths = formats.FORMATS.keys(), [staging / path for path in formats.FORMATS.values()]
        answers = {}
        with progress.bar("writing", total=1 + len(names)) as bar, ThreadPoolExecutor(PROCESSES) as pool:
            formats.write(staging, directory, splits.train.digits)
            bar.advance()
            bar.describe("loading again")
            for name, answer in zip(names, pool.map(verification.ask, names, paths, repeat(digits)), strict=True):
                answers[name] = answer
                bar.advance()
        differences = {name: float(np.abs(answer - served).max()) for name, answer in answers.items()}
        staging.rename(options.to)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    sizes = {name: _bytes(options.to / path) for name, path in formats.FORMATS.items()}
    rows = [
        (name, str(options.to / path), f"{sizes[name] / 1e6:.2f} MB", f"{differences[name]:.1e}")
        for name, path in formats.FORMATS.items()
    ]
    same = all(difference <= TOLERANCE for difference in differences.values())
    return CommandOutput(
        {
            "version": model.version,
            "directory": str(options.to),
            "digits": DIGITS,
            "formats": {
                name: {"path": path, "bytes": sizes[name], "largest_difference": differences[name]}
                for name, path in formats.FORMATS.items()
            },
        },
        tables=(Table(("format", "file", "size", f"largest difference, {DIGITS:,} digits"), rows),),
        lines=(
            "Each file agrees with the served model." if same else "A file disagrees with it: do not use that file.",
        ),
        status=0 if same else NO,
    )


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
