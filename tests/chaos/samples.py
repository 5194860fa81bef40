"""What honest clients send, and what each version must say to it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import requests
from PIL import Image, ImageOps

from tests import serving
from tests.load.drawing import Drawing, draw_many
from tests.load.strokes import DIGITS

TOLERANCE = 1e-5
"""Difference of two probabilities that computing in batches of another size may make."""
PHOTO = (1200, 900)
BATCH = 8
Expected = dict[int, dict[int, list[Any]]]
"""Predictions by the number of the sample and the version."""


class Sample(NamedTuple):
    """A request to `/predict`.

    Attributes:
        number: its place in the list.
        kind: light, or heavy: a photo or a batch.
    """

    number: int
    kind: str
    content_type: str
    body: bytes


def samples() -> list[Sample]:
    """Make light and heavy requests, the same each time."""
    return [Sample(number, *parts) for number, parts in enumerate(_parts())]


def expected(samples: list[Sample], store: str, versions: tuple[int, ...]) -> Expected:
    """Ask an undisturbed service of each version what it says to each sample."""
    found: Expected = {sample.number: {} for sample in samples}
    for version in versions:
        with serving.service(DIGITS_MODELS=store, DIGITS_VERSION=str(version)) as (url, _):
            for sample in samples:
                headers = {"Content-Type": sample.content_type}
                reply = requests.post(f"{url}/predict", data=sample.body, headers=headers, timeout=30)
                found[sample.number][version] = predictions(reply.json())
    return found


def predictions(document: Any) -> list[Any]:
    """Take the digit, the verdict and the probabilities of each image."""
    items = document.get("predictions", [document])
    return [(item["digit"], item["accepted"], item["probabilities"]) for item in items]


def fault(document: Any, expected: dict[int, list[Any]]) -> str:
    """Say how an answer differs from what the version that it names must say; empty if it does not."""
    try:
        version = document.get("predictions", [document])[0]["model"]["version"]
        found, right = predictions(document), expected[version]
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        return f"no prediction ({error!r}): {str(document)[:120]}"
    same = len(found) == len(right) and all(
        one[:2] == other[:2] and np.allclose(one[2], other[2], atol=TOLERANCE)
        for one, other in zip(found, right, strict=True)
    )
    return "" if same else f"version {version} says {found[0][:2]} and must say {right[0][:2]}"


def correction() -> bytes:
    """Make a correction of a small drawing."""
    picture = _grey(draw_many(1, seed=1)[0], 28)
    return json.dumps({"label": 0, "image": base64.b64encode(_encode(picture, "PNG")).decode()}).encode()


def _parts() -> Iterator[tuple[str, str, bytes]]:
    drawings = draw_many(10, seed=11)
    for drawing in drawings:
        yield "light", "image/png", drawing.png
        yield "light", "image/png", _encode(_grey(drawing, 28), "PNG")
        yield "light", "application/octet-stream", ImageOps.invert(_grey(drawing, 28)).tobytes()
        strokes = [[[x * 100, y * 100] for x, y in stroke] for stroke in DIGITS[drawing.digit]]
        yield "light", "application/json", json.dumps({"strokes": strokes}).encode()
    for drawing in drawings[::5]:
        paper = Image.new("L", PHOTO, 200)
        paper.paste(_grey(drawing, 600), (300, 150))
        yield "heavy", "image/jpeg", _encode(paper, "JPEG")
    images = [base64.b64encode(drawing.png).decode() for drawing in drawings[:BATCH]]
    yield "heavy", "application/json", json.dumps({"images": images}).encode()


def _grey(drawing: Drawing, side: int) -> Image.Image:
    with Image.open(io.BytesIO(drawing.png)) as picture:
        return picture.convert("L").resize((side, side))


def _encode(picture: Image.Image, format: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, format)
    return file.getvalue()
