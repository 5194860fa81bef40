"""Draw a network as LeCun et al. 1998 drew LeNet: a stack of maps for each shape, with the layers between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape

from model_training.reports import palette
from model_training.reports.layer_summary import LayerSummary, Shape, shape_text

HEIGHT = 218  # all lengths in pixels
MIDDLE = 96  # height at which the stacks are centered
SIDE = 104  # of a 28x28 map
DEPTH, MOST_SHEETS = 4.5, 9
BAR = 11  # width of a vector
ARROW = 112
LINE = 15
MARGIN = 14
WIDEST = 1400  # a wider drawing gets another row

STYLE = """
  text { font: 11px system-ui, sans-serif; fill: var(--quiet); text-anchor: middle }
  .shape { fill: var(--ink); font-size: 12px; font-weight: 600 }
  .kind { fill: var(--accent); font-weight: 600 }
  rect { fill: var(--paper); stroke: var(--bar) } .front { stroke: var(--ink); fill: var(--track) }
  path { stroke: var(--quiet); fill: none }
"""


@dataclass
class _Step:
    """A shape, and the layers that led to it."""

    shape: Shape
    layers: list[LayerSummary] = field(default_factory=list)


def draw(layers: list[LayerSummary]) -> str:
    """Draw the network as SVG, left to right; layers that only reshape or rescale join the layer before."""
    parts, width, height = _lay_out(_steps(layers))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}"><style>{palette.css()}{STYLE}</style>',
            f"<title>The network: {escape(', '.join(shape_text(step.shape) for step in _steps(layers)))}</title>",
            *parts,
            "</svg>\n",
        ]
    )


def width(layers: list[LayerSummary]) -> int:
    """Return the width of the drawing in pixels."""
    return _lay_out(_steps(layers))[1]


def _steps(layers: list[LayerSummary]) -> list[_Step]:
    steps = [_Step(layers[0].input)]
    for layer in layers:
        if layer.multiply_adds or _squeezed(layer.output) != _squeezed(steps[-1].shape):
            steps.append(_Step(layer.output))
        steps[-1].layers.append(layer)
    return steps


def _lay_out(steps: list[_Step]) -> tuple[list[str], int, int]:
    """Return the SVG elements, the width and the height."""
    rows: list[list[str]] = [[]]
    x, width = float(MARGIN), 0.0
    for number, step in enumerate(steps):
        arrow = ARROW if number else 0
        if x + arrow + _stack(0, step.shape)[1] + MARGIN > WIDEST:
            rows.append([])
            x = float(MARGIN)
        if number:
            rows[-1] += _arrow(x, step.layers)
        drawn, room = _stack(x + arrow, step.shape)
        rows[-1] += drawn
        x += arrow + room
        width = max(width, x + MARGIN)
        if not number:
            rows[-1] += _captions(x - room / 2, 2 * MIDDLE + LINE + 3, step.layers)
    parts = [
        line for n, row in enumerate(rows) for line in (f'<g transform="translate(0 {n * HEIGHT})">', *row, "</g>")
    ]
    return parts, round(width), len(rows) * HEIGHT


def _squeezed(shape: Shape) -> Shape:
    """Drop the single channel of a grey image."""
    return shape[:2] if len(shape) == 3 and shape[2] == 1 and shape[0] > 1 else shape


def _stack(x: float, shape: Shape) -> tuple[list[str], float]:
    """Draw sheets for maps or a bar for a vector, with the shape beneath; returns the elements and the width."""
    if len(shape) == 1:
        height = min(24 + 12 * math.log2(shape[0]), 2 * MIDDLE - 40)
        width, offset, sheets, side = float(BAR), 0.0, 1, height
    else:
        sheets = min(round(math.sqrt(math.prod(shape[2:]))), MOST_SHEETS)
        side = 16 + (SIDE - 16) * min(shape[0], 28) / 28
        offset = DEPTH * (sheets - 1)
        width = height = side
    label = shape_text(shape)
    room = max(width + offset, 6.6 * len(label))
    left, top = x + (room - width - offset) / 2, MIDDLE - (height + offset) / 2
    parts = [
        f'<rect class="{"front" if sheet == sheets - 1 else "back"}" x="{left + DEPTH * sheet:.1f}" '
        f'y="{top + DEPTH * sheet:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2"/>'
        for sheet in range(sheets)
    ]
    parts.append(f'<text class="shape" x="{x + room / 2:.1f}" y="{2 * MIDDLE}">{label}</text>')
    return parts, room


def _arrow(x: float, layers: list[LayerSummary]) -> list[str]:
    """Draw an arrow with the layer that changes the shape above it and the other layers beneath."""
    first, *others = layers
    middle = x + ARROW / 2
    lines = [f'<path d="M{x + 14:.1f} {MIDDLE}H{x + ARROW - 14:.1f}m-6 -4l6 4l-6 4"/>']
    window, _, rest = first.detail.partition(", ")  # on one line they would be wider than the arrow
    for above, (kind, words) in enumerate([("", rest), ("", window), (' class="kind"', first.kind)][not rest :]):
        y = MIDDLE - (above + 1) * LINE + 4
        lines.append(f'<text{kind} x="{middle:.1f}" y="{y}">{escape(words)}</text>')
    return lines + _captions(middle, MIDDLE + LINE + 4, others)


def _captions(x: float, y: float, layers: list[LayerSummary]) -> list[str]:
    shown = [layer for layer in layers if layer.kind != "Reshape"]
    return [
        f'<text x="{x:.1f}" y="{y + LINE * line:.1f}">{escape(_caption(layer))}</text>'
        for line, layer in enumerate(shown)
    ]


def _caption(layer: LayerSummary) -> str:
    known = {"BatchNormalization": "normalization", "Activation": layer.detail, "Softmax": "softmax"}
    return known.get(layer.kind, layer.name if layer.kind == "Rescaling" else f"{layer.kind} {layer.detail}".strip())
