"""Follow one image through a version: its canonical digit, the activations of each layer, the answer.

example:
  python -m model_training inspect stable docs/seven.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_training.cli.output import CommandOutput, Table
from models.errors import DigitsError, DrawingError


class ImageError(DigitsError):
    """The image cannot be read, or holds no digit."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the version, the image and the page."""
    parser.add_argument("version", metavar="VERSION", help="a number, stable or canary")
    parser.add_argument("image", type=Path, metavar="IMAGE", help="a file with one digit: PNG, JPEG, WebP ...")
    parser.add_argument("--to", type=Path, metavar="FILE", help="the page; by default reports/VERSION-IMAGE.html")


def run(options: argparse.Namespace) -> CommandOutput:
    """Canonicalize and classify the image, and write the page."""
    directory = options.store.resolve(options.version)
    to = options.to or Path("reports") / f"{directory.name}-{options.image.stem}.html"
    from model_training.data import pictures
    from model_training.data.left_out import printable
    from model_training.evaluation import metrics
    from models.preprocessing.canonicalize import canonicalize
    from models.preprocessing.polarity import find_ink
    from models.registry import artifact

    try:
        grey = pictures.read(options.image)
        digit = canonicalize(find_ink(grey))
    except OSError as error:
        raise ImageError(f"{options.image}: cannot be read ({error.strerror}); name an image file") from error
    except DrawingError as error:
        raise ImageError(f"{options.image}: {error}; name an image of one digit") from error
    predictions = artifact.load(directory).predict(digit[None])
    probabilities = predictions.probabilities[0]
    accepted = bool(not metrics.refused(predictions)[0])

    from model_training.reports import inspection  # imports Keras, which a wrong image need not wait for

    inspection.write(to, directory, printable(options.image.name), grey, digit, predictions)
    order = probabilities.argsort(kind="stable")[::-1]
    predicted = int(order[0])
    trust = "to be trusted" if accepted else "not to be trusted"
    return CommandOutput(
        {
            "version": predictions.model.version,
            "digit": predicted,
            "probabilities": probabilities.tolist(),
            "digit_score": float(predictions.digit_score[0]),
            "accepted": accepted,
            "page": str(to),
        },
        tables=(Table(("digit", "probability"), [(str(d), f"{probabilities[d]:.2%}") for d in order[:3]]),),
        lines=(f"A {predicted}, {trust}: digit score {predictions.digit_score[0]:.3f}.", f"Open {to}"),
    )
