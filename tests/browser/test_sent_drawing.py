"""The page sends a drawing as a small picture of its ink."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.browser.screen import Screen

LONGEST_SIDE = 88
"""Pixels of the sent picture: 80 of ink and a margin of 4 on each side."""
TO_PIXELS = """async (strokes) => {
    const { toPng } = await import(new URL("static/draw/ink.js", document.baseURI));
    const image = await createImageBitmap(toPng(strokes));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    return [image.height, image.width, Array.from(context.getImageData(0, 0, image.width, image.height).data)];
}"""


def send(screen: Screen, width: float, *points: tuple[float, float]) -> NDArray[Any]:
    """Return the grey levels of the picture that is sent of one stroke."""
    stroke = {"width": width, "points": [[x, y, 1] for x, y in points]}
    rows, columns, pixels = screen.page.evaluate(TO_PIXELS, [stroke])
    return np.array(pixels, np.uint8).reshape(rows, columns, 4)[..., 0]


def test_the_same_drawing_is_sent_alike_in_any_size_and_position(desktop: Screen):
    seven = [(0.2, 0.2), (0.6, 0.2), (0.4, 0.9)]
    large = send(desktop, 0.08, *seven)
    small = send(desktop, 0.02, *((0.7 + x / 4, y / 4) for x, y in seven))
    assert max(large.shape) == LONGEST_SIDE
    assert large.shape == small.shape
    assert np.abs(large.astype(int) - small).mean() < 1


def test_a_tiny_digit_is_sent_as_if_drawn_with_a_fine_pen(desktop: Screen):
    zero = [(0.5 + 0.05 * np.cos(turn), 0.5 + 0.05 * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 40)]
    tiny = send(desktop, 0.07, *zero)
    assert tiny[44, 44] == 255
    assert (tiny < 128).mean() < 0.6


def test_a_dot_is_sent_as_a_disk(desktop: Screen):
    dot = send(desktop, 0.07, (0.5, 0.5))
    assert dot.shape == (LONGEST_SIDE, LONGEST_SIDE)
    assert dot[44, 44] == 0
    assert dot[6, 6] == 255


def test_ink_outside_the_pad_is_not_sent(desktop: Screen):
    line = send(desktop, 0.1, (0.5, 0.5), (1.5, 0.5))
    assert line.shape[1] == LONGEST_SIDE
    assert line[:, 70].min() == 0
    assert line[:, 84:].min() == 255


def test_a_drawing_without_ink_on_the_pad_is_sent_as_blank_paper(desktop: Screen):
    assert send(desktop, 0.1, (1.5, 1.5)).min() == 255
