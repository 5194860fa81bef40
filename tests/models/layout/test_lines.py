import time

import cv2
import numpy as np
import pytest

from models.layout import lines
from models.layout.lines import find_lines
from models.layout.page import picture_box
from tests.models.layout.pictures import HIGH, Writing, assert_lines, photo, turned

PITCH = round(1.7 * HIGH)


def page(texts, width=460, x=30, **look):
    writing = Writing(width, PITCH * len(texts) + 60)
    for row, text in enumerate(texts):
        writing.write(text, x, 30 + row * PITCH, **look)
    return writing


def clean(line):
    """Count the separate pieces of ink in a line's drawing."""
    return cv2.connectedComponents(cv2.threshold(line.drawing, 100, 255, cv2.THRESH_BINARY)[1])[0] - 1


@pytest.mark.parametrize("shown", [lambda ink: 255 - ink, lambda ink: ink, photo, lambda ink: 255 - photo(ink)])
def test_a_line_is_found_in_either_polarity(shown):
    writing = page(["4071"])
    found = find_lines(shown(writing.ink))
    assert_lines(found, writing.lines)
    assert found.lines[0].drawing.max() > 200
    assert clean(found.lines[0]) == 4


@pytest.mark.parametrize("high", [20, 60, 180])
def test_a_single_digit_is_found_anywhere(high):
    writing = Writing(280, 280)
    writing.write("5", 200 - high * 0.6, 240 - high, high=high, thick=max(high // 10, 2))
    assert_lines(find_lines(writing.ink), writing.lines)
    assert_lines(find_lines(photo(writing.ink)), writing.lines)


@pytest.mark.parametrize("shown", [lambda ink: 255 - ink, photo])
def test_lines_of_a_page_are_in_reading_order(shown):
    writing = page(["4071", "38", "905512", "1", "77"])
    assert_lines(find_lines(shown(writing.ink)), writing.lines)


@pytest.mark.parametrize("degrees", [-10, -4, 3, 10])
def test_lines_are_levelled_and_lead_back_to_the_picture(degrees):
    writing = page(["40712", "385196", "90551"], width=560, x=120)
    seen, moved = turned(photo(np.pad(writing.ink, 60)), [], degrees)
    boxes = [[(x + 60, y + 60, w, h) for x, y, w, h in line] for line in writing.lines]
    seen, moved = turned(photo(np.pad(writing.ink, 60)), boxes, degrees)
    found = find_lines(seen)
    assert_lines(found, moved)
    assert all(line.box[3] < 1.45 * HIGH for line in found.lines)


def test_a_far_part_of_a_phone_number_belongs_to_its_line():
    writing = page(["555  123  4567"], width=620)
    assert_lines(find_lines(photo(writing.ink)), writing.lines)


def test_columns_are_read_one_after_the_other():
    left, right = ["4071", "38", "905"], ["62", "1177", "830"]
    writing = page(left, width=640)
    for row, text in enumerate(right):
        writing.write(text, 400, 30 + row * PITCH)
    assert_lines(find_lines(photo(writing.ink)), writing.lines)


def test_signs_stay_in_their_line():
    writing = page(["(555) 12-34", "12/05/98"], width=560)
    found = find_lines(photo(writing.ink))
    assert_lines(found, writing.lines)
    assert clean(found.lines[1]) == 8


def test_ink_of_tall_neighbours_is_no_part_of_a_line():
    writing = Writing(420, 220)
    writing.write("3820", 30, 30)
    writing.write("56", 30, 105)
    writing.write("7", 150, 75, high=88)
    writing.lines[1] += writing.lines.pop()
    found = find_lines(255 - writing.ink)
    assert_lines(found, writing.lines)
    assert [clean(line) for line in found.lines] == [4, 3]


@pytest.mark.parametrize("level", [25, 70, 140])
@pytest.mark.parametrize("is_squared", [False, True])
def test_rules_are_erased_and_digits_kept(level, is_squared):
    writing = page(["4071", "38265", "9055"])
    ruled = writing.ink.copy()
    for at in range(10, max(ruled.shape), 52):
        cv2.line(ruled, (0, at), (ruled.shape[1], at + 2), level, 1)
        if is_squared:
            cv2.line(ruled, (at, 0), (at + 1, ruled.shape[0]), level, 1)
    found = find_lines(photo(np.maximum(ruled, writing.ink)))
    assert_lines(found, writing.lines)
    assert all(line.box[3] < 1.3 * HIGH for line in found.lines)


@pytest.mark.parametrize("is_touched", [False, True])
@pytest.mark.parametrize("has_top", [False, True])
def test_boxes_around_digits_are_erased(is_touched, has_top):
    writing = page(["4071", "385266"], gap=0.4)
    boxed = writing.ink.copy()
    for line in writing.lines:
        top, bottom = line[0][1] - (2 if is_touched else 9), line[0][1] + HIGH + (1 if is_touched else 9)
        edges = [line[0][0] - 8, *(round(x + w + 0.2 * HIGH) for x, _, w, _ in line)]
        for x in edges:
            cv2.line(boxed, (x, top), (x, bottom), 200, 2)
        for y in (top, bottom) if has_top else (bottom,):
            cv2.line(boxed, (edges[0], y), (edges[-1], y), 200, 2)
    found = find_lines(photo(boxed))
    assert_lines(found, writing.lines)
    assert [line.box[2] for line in found.lines] == pytest.approx(
        [line[-1][0] + line[-1][2] - line[0][0] for line in writing.lines], abs=10
    )


def test_rules_of_a_table_are_erased():
    writing = page(["4071", "38265", "9055"])
    height, width = writing.ink.shape
    table = writing.ink.copy()
    for y in (12, 88, 156, height - 12):
        cv2.line(table, (10, y), (width - 10, y), 200, 2)
    for x in (10, width - 10):
        cv2.line(table, (x, 12), (x, height - 12), 200, 2)
    assert_lines(find_lines(photo(table)), writing.lines)


@pytest.mark.parametrize("below", [-1, 6])
def test_an_underline_is_erased(below):
    writing = page(["4071", "38265"])
    underlined = writing.ink.copy()
    for line in writing.lines:
        y = line[0][1] + HIGH + below
        cv2.line(underlined, (line[0][0] - 6, y), (line[-1][0] + line[-1][2] + 6, y), 255, 3, cv2.LINE_AA)
    found = find_lines(photo(underlined))
    assert_lines(found, writing.lines)
    assert all(line.box[3] <= HIGH + 8 for line in found.lines)
    assert clean(found.lines[0]) == 4


def test_a_circle_around_a_number_is_erased():
    writing = Writing(360, 200)
    line = writing.write("4071", 100, 80)
    middle = round((line[0][0] + line[-1][0] + line[-1][2]) / 2), 100
    cv2.ellipse(writing.ink, middle, (120, 60), 3, 0, 360, 255, 3, cv2.LINE_AA)
    found = find_lines(photo(writing.ink))
    assert_lines(found, writing.lines)
    assert clean(found.lines[0]) == 4


def test_a_face_is_no_line():
    writing = page(["4071", "38265", "9055"], width=600)
    cv2.circle(writing.ink, (470, 110), 80, 255, 3, cv2.LINE_AA)
    for x in (440, 500):
        cv2.circle(writing.ink, (x, 90), 8, 255, -1, cv2.LINE_AA)
    cv2.line(writing.ink, (470, 100), (464, 118), 255, 3, cv2.LINE_AA)
    cv2.ellipse(writing.ink, (470, 120), (40, 30), 0, 20, 160, 255, 3, cv2.LINE_AA)
    assert_lines(find_lines(photo(writing.ink)), writing.lines)


@pytest.mark.parametrize("paper", [(255, 255, 255), (250, 245, 170), (20, 20, 25)])
@pytest.mark.parametrize("ink", [(220, 60, 60), (60, 90, 230), (150, 175, 235)])
def test_coloured_ink_is_found(paper, ink):
    writing = page(["4071", "38265"])
    share = writing.ink[..., None] / 255
    noise = np.random.default_rng(1).normal(0, 3, (*writing.ink.shape, 3))
    picture = np.clip(np.array(paper) * (1 - share) + np.array(ink) * share + noise, 0, 255).astype(np.uint8)
    assert_lines(find_lines(picture), writing.lines)


@pytest.mark.parametrize("degrees", [0, 8, -14])
@pytest.mark.parametrize("is_negative", [False, True])
def test_a_strip_on_an_even_ground_is_one_level_line(degrees, is_negative):
    writing = Writing(600, 70)
    writing.write("20486739", 20, 15, gap=0.8)
    strip = photo(writing.ink, paper=210)
    strip = 255 - strip if is_negative else strip
    whole = np.full((600, 600), 4, np.uint8)
    whole[265:335] = strip
    boxes = [[(x, y + 265, w, h) for x, y, w, h in line] for line in writing.lines]
    matrix = cv2.getRotationMatrix2D((300, 300), degrees, 0.95)
    seen = cv2.warpAffine(whole, matrix, (600, 600), flags=cv2.INTER_LINEAR, borderValue=4)
    centers = [np.array([(x + w / 2, y + h / 2, 1) for x, y, w, h in line]) @ matrix.T for line in boxes]
    moved = [
        [(cx - w / 2, cy - h / 2, w, h) for (cx, cy), (_, _, w, h) in zip(center, line, strict=True)]
        for center, line in zip(centers, boxes, strict=True)
    ]
    found = find_lines(seen)
    assert_lines(found, moved)
    assert found.lines[0].box[3] < 1.4 * HIGH


def test_a_sheet_on_a_dark_desk_is_no_ink():
    writing = page(["4071", "38265", "9055"])
    sheet = photo(writing.ink, paper=220)
    desk = np.random.default_rng(2).normal(60, 5, (sheet.shape[0] + 160, sheet.shape[1] + 160))
    desk[80:-80, 80:-80] = sheet
    boxes = [[(x + 80, y + 80, w, h) for x, y, w, h in line] for line in writing.lines]
    seen, moved = turned(np.clip(desk, 0, 255).astype(np.uint8), boxes, 4)
    found = [picture_box(line.box, line.to_picture) for line in find_lines(seen).lines]
    middles = [(np.mean([x + w / 2 for x, _, w, _ in line]), line[0][1] + HIGH / 2) for line in moved]
    assert all(any(x < a < x + w and y < b < y + h for x, y, w, h in found) for a, b in middles)


def test_a_canvas_with_several_numbers_has_several_lines():
    writing = Writing(280, 280)
    writing.write("42", 30, 20, high=90, thick=12)
    writing.write("7", 60, 160, high=90, thick=12)
    assert_lines(find_lines(writing.ink), writing.lines)
    assert_lines(find_lines(255 - writing.ink), writing.lines)


@pytest.mark.parametrize("picture", [np.full((50, 80), 200, np.uint8), np.zeros((1, 1), np.uint8), photo(np.zeros((300, 400), np.uint8))])  # fmt: skip
def test_blank_paper_has_no_line(picture):
    assert find_lines(picture).lines == []


def test_small_digits_of_a_large_photo_are_found():
    writing = Writing(4000, 3000)
    for row in range(6):
        writing.write("407138", 400, 300 + 400 * row, high=70, thick=7)
    assert_lines(find_lines(cv2.cvtColor(photo(writing.ink), cv2.COLOR_GRAY2RGB)), writing.lines)


@pytest.mark.parametrize("size", [(3, 400), (400, 3), (1200, 1200)])
def test_noise_is_answered_soon_and_with_few_lines(size):
    generator = np.random.default_rng(3)
    noise = generator.integers(0, 256, size, np.uint8)
    blobs = np.where(cv2.GaussianBlur(generator.normal(0, 1, size), (0, 0), 2.5) > 0.09, 0, 255).astype(np.uint8)
    began = time.process_time()
    assert all(len(find_lines(picture).lines) <= lines.MOST_LINES for picture in (noise, blobs))
    assert time.process_time() - began < 5


def test_a_printed_paragraph_is_no_line():
    writing = page(["4071", "38265"], width=620)
    text = np.zeros((130, 620), np.uint8)
    for row, words in enumerate(
        ["Please write the amounts below, one on each row,", "and return this sheet to the desk soon."]
    ):
        cv2.putText(text, words, (20, 40 + 30 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 230, 1, cv2.LINE_AA)
    moved = [[(x, y + 130, w, h) for x, y, w, h in line] for line in writing.lines]
    assert_lines(find_lines(photo(np.vstack([text, writing.ink]))), moved)


def test_a_shadow_across_the_page_is_no_ink():
    writing = page(["4071", "38265", "9055"], width=700)
    rows = np.arange(writing.ink.shape[0])[:, None]
    shade = 1 - 0.35 * np.exp(-(((rows - 110) / 60) ** 2))
    assert_lines(find_lines((photo(writing.ink) * shade).astype(np.uint8)), writing.lines)


def test_few_digits_far_apart_stay_one_line():
    writing = Writing(640, 120)
    for x, y, text in ((30, 30, "1"), (150, 34, "2"), (290, 26, "3"), (420, 38, "4"), (560, 44, "7")):
        writing.write(text, x, y)
    writing.lines = [[box for line in writing.lines for box in line]]
    assert_lines(find_lines(255 - writing.ink), writing.lines)
