"""What every server is sent: two PNG files, each with the digit that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

IMAGES = Path(__file__).parent / "images"


@dataclass(frozen=True)
class Payload:
    name: str  # in JSON
    title: str  # in tables
    file: str  # in images/
    digit: int  # that it shows

    @property
    def png(self) -> bytes:
        return (IMAGES / self.file).read_bytes()


PAYLOADS = (
    # The first image of MNIST's test set, light on dark.
    Payload("mnist", "MNIST digit, 28x28 PNG", "mnist.png", digit=7),
    # An HTML canvas drawn with an 18-pixel pen and saved by Chromium's toDataURL: RGBA, dark on light.
    Payload("drawing", "drawing, 280x280 PNG", "drawing.png", digit=3),
)
