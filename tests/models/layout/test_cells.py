"""Find the cells of grids that are drawn here and photographed from the side, in bad light, in part."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.layout.cells import find_cells
from models.layout.page import Page, picture_box
from tests.models.layout import grids
from tests.models.layout.grids import BLUE, CELL, MARGIN, RED, Photo, draw, some_cells

NINE = some_cells(9, 9)


def assert_found(page: Page, photo: Photo, off: float = 3) -> None:
    """Expect a line for each digit and none for empty cells, and boxes that are off by few pixels."""
    assert page.grid is not None
    rows, columns = page.grid
    assert len(page.lines) == rows * columns
    filled = {divmod(at, columns) for at, line in enumerate(page.lines) if line}
    assert filled == set(photo.boxes)
    for (row, column), box in photo.boxes.items():
        line = page.lines[row * columns + column]
        assert line is not None
        x, y, width, height = picture_box(line.box, line.to_picture)
        assert abs(np.array((x, y, x + width, y + height)) - box).max() <= off, (row, column)


def seen_from(photo_corners: list[tuple[float, float]], side: int) -> NDArray[np.float64]:
    """Return the homography that takes the corners of a square page to these shares of its side."""
    page = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * side
    return cv2.getPerspectiveTransform(page, np.array(photo_corners, np.float32) * side)


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (1, 0), (1, 1), (0, 1)],
        [(0.05, 0.08), (0.92, 0.0), (1.0, 0.97), (0.0, 0.9)],
        [(0.12, 0.0), (1.0, 0.15), (0.88, 1.0), (0.0, 0.86)],
        [(0.0, 0.14), (0.86, 0.0), (1.0, 0.86), (0.14, 1.0)],
    ],
    ids=["from above", "from the side", "turned right", "turned left"],
)
def test_digits_are_found_in_their_cells(corners: list[tuple[float, float]]):
    grid = draw(9, 9, NINE)
    photo = grid.photo(seen_from(corners, len(grid.page)))
    assert_found(find_cells(photo.picture, 9, 9), photo)


def test_a_shadow_is_not_ink():
    grid = draw(9, 9, NINE)
    side = len(grid.page)
    y, x = np.mgrid[0:side, 0:side] / side
    photo = grid.photo(light=0.95 - 0.3 * x - 0.35 * (x + 0.6 * y > 0.8))
    assert_found(find_cells(photo.picture, 9, 9), photo)


def test_curved_paper_does_not_shift_cells():
    grid = draw(9, 9, NINE)
    photo = grid.photo()
    side = len(grid.page)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    bend = 0.5 * CELL * ((2 * x / side - 1) ** 2 + 0.5 * (2 * x / side - 1))
    curved = cv2.remap(photo.picture, x, y + bend, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    boxes = {}
    for cell, (left, top, right, bottom) in photo.boxes.items():
        up = bend[0, round((left + right) / 2)]
        boxes[cell] = left, top - up, right, bottom - up
    assert_found(find_cells(curved, 9, 9), Photo(curved, boxes), off=5)


def test_digits_of_any_colour_are_found():
    photo = draw(9, 9, NINE, inks=(RED, BLUE, grids.BLACK)).photo()
    assert_found(find_cells(photo.picture, 9, 9), photo)


def test_a_grey_picture_is_read_too():
    photo = draw(5, 5, some_cells(5, 5)).photo()
    assert_found(find_cells(cv2.cvtColor(photo.picture, cv2.COLOR_RGB2GRAY), 5, 5), photo)


def test_light_grids_on_dark_are_found():
    photo = draw(9, 9, NINE).photo()
    assert_found(find_cells(cv2.bitwise_not(photo.picture), 9, 9), photo)


@pytest.mark.parametrize(("rows", "columns"), [(1, 8), (5, 5), (20, 4), (1, 1)])
def test_grids_of_any_shape_are_found(rows: int, columns: int):
    photo = draw(rows, columns, some_cells(rows, columns, 0.8) or {(0, 0): 7}).photo()
    assert_found(find_cells(photo.picture, rows, columns), photo)


@pytest.mark.parametrize("without", [0, 4, 9])
def test_a_missing_rule_does_not_shift_cells(without: int):
    photo = draw(9, 9, NINE, without=without).photo()
    assert_found(find_cells(photo.picture, 9, 9), photo)


@pytest.mark.parametrize(("rows", "columns"), [(1, 8), (3, 4)])
def test_boxes_may_stand_apart(rows: int, columns: int):
    photo = draw(rows, columns, some_cells(rows, columns), gap=16).photo()
    assert_found(find_cells(photo.picture, rows, columns), photo)


def test_a_grid_is_found_on_a_page_of_other_print():
    grid = draw(9, 9, NINE, margin=5 * MARGIN)
    text = np.zeros(grid.page.shape[:2], np.uint8)
    for line in range(20, len(text), 24):
        cv2.putText(text, "In 1997 there were 12 of them, " * 4, (4, line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1)
    inside = slice(5 * MARGIN - 30, -5 * MARGIN + 30)
    text[inside, inside] = 0
    photo = grid._replace(page=np.maximum(grid.page, text[:, :, None] / np.float32(255))).photo()
    assert_found(find_cells(photo.picture, 9, 9), photo)


def test_specks_and_bleed_through_leave_a_cell_empty():
    grid = draw(9, 9, NINE)
    empty = [cell for cell in np.ndindex(9, 9) if cell not in NINE]
    for row, column in empty[::2]:
        cv2.circle(grid.page, (MARGIN + column * CELL + 25, MARGIN + row * CELL + 30), 3, grids.BLACK, cv2.FILLED)
    behind = draw(9, 9, dict.fromkeys(empty[1::2], 8), rules=False)
    grid = grid._replace(page=np.maximum(grid.page, behind.page * np.float32(0.07)))
    photo = grid.photo()
    assert_found(find_cells(photo.picture, 9, 9), photo)


def test_large_photos_give_boxes_in_their_own_pixels():
    photo = draw(9, 9, NINE).photo()
    large = cv2.resize(photo.picture, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    boxes = {cell: tuple(5 * edge for edge in box) for cell, box in photo.boxes.items()}
    assert_found(find_cells(large, 9, 9), Photo(large, boxes), off=15)


@pytest.mark.parametrize(("rows", "columns", "margin"), [(3, 3, 0), (4, 6, MARGIN), (1, 6, MARGIN)])
def test_a_drawing_without_rules_is_cut_evenly(rows: int, columns: int, margin: int):
    cells = {cell: sum(cell) for cell in np.ndindex(rows, columns)}
    photo = draw(rows, columns, cells, rules=False, margin=margin).photo()
    assert_found(find_cells(photo.picture, rows, columns), photo)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3, 3), (1, 4000), (28, 28), (300, 400, 3)])
def test_pictures_without_ink_have_empty_cells(shape: tuple[int, ...]):
    assert find_cells(np.full(shape, 200, np.uint8), 9, 9) == Page([None] * 81, (9, 9))


def test_noise_has_empty_cells():
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    assert not any(find_cells(noise, 9, 9).lines)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1, 3), (3, 50), (4, 4)])
def test_a_picture_too_small_for_a_digit_has_empty_cells(shape: tuple[int, ...]):
    page = find_cells(np.full(shape, 200, np.uint8), 2, 3)
    assert (page.lines, page.grid) == ([None] * 6, (2, 3))


def test_boxes_side_by_side_are_no_column():
    picture = np.full((120, 220), 255, np.uint8)
    for left in (20, 120):
        cv2.rectangle(picture, (left, 20), (left + 80, 100), 0, 2)
    with np.errstate(all="raise"):
        assert find_cells(picture, 2, 1).lines == [None, None]
