"""Ten digits as a person writes them: strokes in a unit square, x to the right, y down."""

from __future__ import annotations

Point = tuple[float, float]
Stroke = list[Point]

BENDS: dict[int, list[Stroke]] = {
    0: [[(0.60, 0.14), (0.40, 0.15), (0.27, 0.33), (0.25, 0.58), (0.34, 0.80), (0.52, 0.86), (0.68, 0.74), (0.75, 0.52),
         (0.72, 0.28), (0.60, 0.15), (0.54, 0.14)]],
    1: [[(0.55, 0.12), (0.53, 0.36), (0.50, 0.62), (0.47, 0.88)]],
    2: [[(0.28, 0.30), (0.38, 0.16), (0.55, 0.13), (0.69, 0.24), (0.67, 0.42), (0.52, 0.62), (0.30, 0.83), (0.27, 0.86),
         (0.45, 0.85), (0.74, 0.86)]],
    3: [[(0.30, 0.20), (0.46, 0.12), (0.64, 0.18), (0.66, 0.33), (0.52, 0.45), (0.44, 0.47), (0.60, 0.50), (0.71, 0.64),
         (0.64, 0.81), (0.46, 0.88), (0.28, 0.80)]],
    4: [[(0.34, 0.14), (0.30, 0.34), (0.27, 0.53), (0.44, 0.54), (0.74, 0.51)],
        [(0.65, 0.16), (0.62, 0.50), (0.59, 0.88)]],
    5: [[(0.38, 0.15), (0.35, 0.30), (0.33, 0.44), (0.48, 0.41), (0.65, 0.50), (0.69, 0.67), (0.58, 0.83), (0.42, 0.88),
         (0.27, 0.80)], [(0.38, 0.15), (0.54, 0.15), (0.71, 0.13)]],
    6: [[(0.60, 0.12), (0.45, 0.24), (0.34, 0.44), (0.30, 0.66), (0.38, 0.84), (0.54, 0.87), (0.67, 0.75), (0.62, 0.59),
         (0.47, 0.55), (0.34, 0.66)]],
    7: [[(0.27, 0.17), (0.48, 0.16), (0.73, 0.15), (0.64, 0.36), (0.52, 0.60), (0.43, 0.88)]],
    8: [[(0.66, 0.20), (0.52, 0.12), (0.37, 0.20), (0.38, 0.36), (0.52, 0.48), (0.65, 0.62), (0.66, 0.79), (0.51, 0.88),
         (0.35, 0.80), (0.35, 0.64), (0.50, 0.48), (0.64, 0.35), (0.67, 0.22)]],
    9: [[(0.66, 0.24), (0.51, 0.14), (0.36, 0.22), (0.34, 0.38), (0.46, 0.47), (0.61, 0.39), (0.67, 0.24), (0.66, 0.50),
         (0.62, 0.70), (0.57, 0.88)]],
}  # fmt: skip

STEPS = 3
"""Points that a pen reports from one bend to the next."""


def strokes(digit: int) -> list[Stroke]:
    """The digit as a pen would report it."""
    return [_curve(bends) for bends in BENDS[digit]]


def _curve(bends: Stroke) -> Stroke:
    """A smooth line through all the bends (a Catmull-Rom spline)."""
    ends = [bends[0], *bends, bends[-1]]
    curve = [
        (_between(xs, step / STEPS), _between(ys, step / STEPS))
        for i in range(len(bends) - 1)
        for xs, ys in [zip(*ends[i : i + 4], strict=True)]
        for step in range(STEPS)
    ]
    return [*curve, bends[-1]]


def _between(values: tuple[float, ...], t: float) -> float:
    """On the way from the second value to the third, `t` in 0..1."""
    a, b, c, d = values
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
