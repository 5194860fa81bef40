"""The pen strokes of each digit."""

from __future__ import annotations

import math

Point = tuple[float, float]


def _arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    """Compute points of an ellipse around (x, y), from one angle to another; degrees, 0 to the right, 90 down."""
    angles = [math.radians(start + (end - start) * step / 16) for step in range(17)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


# Each stroke is a list of (x, y) in 0..1, y down.
DIGITS: dict[int, list[list[Point]]] = {
    0: [_arc(0.5, 0.5, 0.33, 0.5, -90, 270)],
    1: [[(0.35, 0.2), (0.55, 0.0), (0.55, 1.0)]],
    2: [[*_arc(0.5, 0.27, 0.32, 0.27, -170, 40), (0.18, 1.0), (0.85, 1.0)]],
    3: [[*_arc(0.45, 0.25, 0.33, 0.25, -150, 90), *_arc(0.45, 0.74, 0.37, 0.26, -90, 150)]],
    4: [[(0.6, 0.0), (0.12, 0.65), (0.9, 0.65)], [(0.65, 0.35), (0.65, 1.0)]],
    5: [[(0.25, 0.0), (0.22, 0.43), *_arc(0.45, 0.68, 0.35, 0.32, -120, 150)], [(0.25, 0.0), (0.8, 0.0)]],
    6: [[(0.65, 0.0), (0.3, 0.4), *_arc(0.5, 0.7, 0.3, 0.3, 180, -180)]],
    7: [[(0.15, 0.0), (0.85, 0.0), (0.4, 1.0)]],
    8: [[*_arc(0.5, 0.25, 0.28, 0.25, 90, -270), *_arc(0.5, 0.75, 0.33, 0.25, -90, 270)]],
    9: [[*_arc(0.48, 0.3, 0.3, 0.3, 0, -360), (0.74, 0.6), (0.65, 1.0)]],
}
