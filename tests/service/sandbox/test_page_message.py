"""Pages come through a message whole, and what no process that is sound sends is refused."""

from __future__ import annotations

import copy

import numpy as np
import orjson
import pytest

from models.errors import RequestTooLarge, UnusableInput
from models.layout.page import Page, TextLine
from service.sandbox import page_message
from service.sandbox.messages import BadMessage


def line(height=20, width=50, strokes=None):
    drawing = np.arange(height * width, dtype=np.uint32).astype(np.uint8).reshape(height, width)
    return TextLine(drawing, (1, 2, width - 1, height - 2), np.array([[1.5, 0, 10], [0, 1.5, 20]]), strokes)


def sent(pages):
    documents, data = page_message.write(pages)
    return orjson.loads(orjson.dumps(documents)), data


def test_pages_come_through_whole():
    strokes = [np.array([[1.0, 2.0], [3.25, 4.5]]), np.array([[5.0, 6.0]])]
    pages = [Page([line(), line(30, 7, strokes)]), UnusableInput("bad", "Bad."), Page([None, line()], (1, 2)), Page([])]
    first, error, grid, empty = page_message.read(*sent(pages))
    assert error is None
    assert (empty.lines, empty.grid) == ([], None)
    assert grid.grid == (1, 2)
    assert grid.lines[0] is None
    for got, given in zip([*first.lines, grid.lines[1]], [*pages[0].lines, pages[2].lines[1]], strict=True):
        assert np.array_equal(got.drawing, given.drawing)
        assert got.box == given.box
        assert np.array_equal(got.to_picture, given.to_picture)
    assert first.lines[0].strokes is None
    for got, given in zip(first.lines[1].strokes, strokes, strict=True):
        assert np.array_equal(got, given)


@pytest.mark.parametrize(
    "pages",
    [
        [Page([line()] * (page_message.MAX_LINES + 1))],
        [Page([line()] * page_message.MAX_LINES)] * 6,
        [Page([line(page_message.MAX_HEIGHT, 1000)] * 40)],
        [Page([line(page_message.MAX_HEIGHT + 1)])],
        [Page([line(5, page_message.MAX_WIDTH + 1)])],
        [Page([line(strokes=[np.zeros((page_message.MAX_POINTS + 1, 2))])])],
    ],
)
def test_more_than_a_request_may_hold_is_refused(pages):
    with pytest.raises(RequestTooLarge, match="more writing"):
        page_message.write(pages)


def changed(**values):
    documents, data = sent([Page([line(strokes=[np.zeros((1, 2))])])])
    documents[0]["lines"][0] |= values
    return documents, data


@pytest.mark.parametrize(
    ("documents", "data"),
    [
        (7, b""),
        ([7], b""),
        ([{}], b""),
        ([{"lines": [7], "grid": None}], b""),
        ([{"lines": [{}], "grid": None}], b""),
        ([{"lines": [], "grid": [2, 2]}], b""),
        ([{"lines": [None], "grid": [1, 1e9]}], b""),
        ([{"lines": [None], "grid": "11"}], b""),
        ([{"lines": [None] * (page_message.MAX_LINES + 1), "grid": None}], b""),
        changed(shape=[20]),
        changed(shape=[20, 51]),
        changed(shape=[0, 50]),
        changed(shape=[-20, -50]),
        changed(shape=[True, 50]),
        changed(shape=["20", 50]),
        changed(box=[0, 0, 51, 20]),
        changed(box=[-1, 0, 10, 10]),
        changed(box=[0, 0, 0, 10]),
        changed(box=[0.0, 0, 10, 10]),
        changed(box=[0, 0, 10]),
        changed(to_picture=[1, 0, 0, 0, 1]),
        changed(to_picture=[1, 0, 1e300, 0, 1, 0]),
        changed(to_picture=[1, 0, "0", 0, 1, 0]),
        changed(strokes=[[[0]]]),
        changed(strokes=[[[0, None]]]),
        changed(strokes=7),
        changed(strokes=[[[0, 0]] * (page_message.MAX_POINTS + 1)]),
        (sent([Page([line()])])[0], b""),
        (sent([Page([line()])])[0], bytes(1001)),
        ([], bytes(page_message.MAX_BYTES + 1)),
    ],
)
def test_what_no_layout_gives_is_a_bad_message(documents, data):
    with pytest.raises(BadMessage):
        list(page_message.read(copy.deepcopy(documents), data))
