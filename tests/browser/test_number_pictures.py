"""Upload pictures of whole numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, expect

from models.registry.corrections import Corrections
from models.registry.store import ARTIFACTS
from tests import serving
from tests.browser.screen import Screen


@pytest.fixture(scope="module")
def url(database_url: str) -> Iterator[str]:
    """Serve the network for single digits that people use, with the one for numbers."""
    models = str(ARTIFACTS / "digits")
    with serving.service(DIGITS_MODELS=models, DIGITS_DATABASE_URL=database_url) as (url, _):
        yield url


@pytest.fixture
def shown(screen: Screen, page_of_numbers: FilePayload) -> Screen:
    """The page after the picture was read."""
    screen.page.get_by_label("Upload pictures", exact=True).set_input_files(page_of_numbers)
    expect(screen.number.get_by_role("group")).to_have_text(["4071", "35"])
    expect(boxes(screen)).to_have_count(6)
    return screen


def boxes(screen: Screen) -> Locator:
    return screen.page.locator("#picture rect")


def middle(box: Locator) -> tuple[float, float]:
    bounds = box.bounding_box()
    assert bounds
    return bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2


def width(box: Locator) -> float:
    bounds = box.bounding_box()
    assert bounds
    return bounds["width"]


only_desktop = pytest.mark.parametrize("screen", ["desktop"], indirect=True)
only_phone = pytest.mark.parametrize("screen", ["phone"], indirect=True)


def test_boxes_lie_over_the_digits(shown: Screen):
    picture = shown.page.locator("#picture").bounding_box()
    assert picture
    scale = picture["width"] / 800
    x, y = middle(boxes(shown).nth(1))  # the 0, whose ink's middle is at (285, 170) of the picture
    assert x == pytest.approx(picture["x"] + 285 * scale, abs=6)
    assert y == pytest.approx(picture["y"] + (picture["height"] - 600 * scale) / 2 + 170 * scale, abs=6)


@only_desktop
def test_pointing_at_a_digit_in_the_picture_shows_its_bars(shown: Screen):
    shown.page.mouse.move(*middle(boxes(shown).nth(2)))
    expect(shown.page.locator(".candidate .label")).to_have_text(["7"])
    expect(shown.words).to_have_text(re.compile("^Digit 3 of 6: "))
    expect(boxes(shown).nth(2)).to_have_class("shown lit")
    expect(shown.page.get_by_role("option", selected=True)).to_have_text("7")


@only_desktop
def test_pointing_at_a_digit_of_the_answer_lights_its_box(shown: Screen):
    shown.number.get_by_text("3").hover()
    expect(boxes(shown).nth(4)).to_have_class("shown lit")
    expect(shown.page.get_by_alt_text("The drawing as 28 by 28 pixels", exact=True)).to_be_visible()


@only_phone
def test_a_tap_on_a_digit_in_the_picture_shows_its_bars(shown: Screen):
    shown.page.touchscreen.tap(*middle(boxes(shown).nth(0)))
    expect(shown.page.locator(".candidate .label")).to_have_text(["4"])
    expect(shown.number).to_be_visible()  # a touch of the picture does not begin a drawing


@only_desktop
def test_the_wheel_zooms_where_the_mouse_is(shown: Screen):
    box = boxes(shown).nth(1)
    before, place = width(box), middle(box)
    shown.page.mouse.move(*place)
    shown.page.mouse.wheel(0, -400)
    shown.page.wait_for_function("document.querySelector('#picture').style.getPropertyValue('--zoom') > 2")
    assert width(box) > 2 * before
    assert middle(box) == pytest.approx(place, abs=2)


@only_desktop
def test_a_zoomed_picture_is_dragged(shown: Screen):
    shown.page.get_by_role("button", name="Zoom in", exact=True).click()
    place = middle(boxes(shown).nth(1))
    shown.page.mouse.move(*place)
    shown.page.mouse.down()
    shown.page.mouse.move(place[0] - 40, place[1] - 30)
    shown.page.mouse.up()
    assert middle(boxes(shown).nth(1)) == pytest.approx((place[0] - 40, place[1] - 30), abs=1)


@only_phone
def test_two_fingers_zoom(shown: Screen):
    before = width(boxes(shown).nth(1))
    x, y = middle(boxes(shown).nth(1))
    shown.pointer.touch("touchStart", (x - 30, y))
    shown.pointer.touch("touchStart", (x - 30, y), (x + 30, y))
    shown.pointer.touch("touchMove", (x - 60, y), (x + 60, y))
    shown.pointer.touch("touchEnd")
    assert width(boxes(shown).nth(1)) == pytest.approx(2 * before, rel=0.1)


def test_buttons_zoom_until_the_whole_picture_is_shown(screen: Screen, shown: Screen):
    closer, farther = (screen.page.get_by_role("button", name=f"Zoom {way}", exact=True) for way in ("in", "out"))
    before = width(boxes(shown).nth(1))
    expect(farther).to_be_disabled()
    closer.click()
    assert width(boxes(shown).nth(1)) == pytest.approx(1.5 * before, rel=0.02)
    farther.click()
    assert width(boxes(shown).nth(1)) == pytest.approx(before, rel=0.02)
    expect(farther).to_be_disabled()


@only_desktop
def test_the_keyboard_brings_a_digit_into_a_zoomed_view(shown: Screen):
    for _ in range(4):
        shown.page.get_by_role("button", name="Zoom in", exact=True).click()
    for key, index in (("Home", 0), ("End", 5)):
        shown.page.locator(".number [tabindex='0']").press(key)
        box, frame = boxes(shown).nth(index).bounding_box(), shown.page.locator("#picture").bounding_box()
        assert box
        assert frame
        assert box["x"] >= frame["x"] - 1
        assert box["y"] >= frame["y"] - 1
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
        assert box["y"] + box["height"] <= frame["y"] + frame["height"] + 1


@only_desktop
def test_correcting_a_digit_of_a_picture_sends_that_digit_alone(shown: Screen, database_url: str):
    shown.number.get_by_text("7").click()
    shown.page.get_by_role("button", name="Wrong? Fix it", exact=True).click()
    shown.page.get_by_role("dialog").get_by_role("button", name="1", exact=True).click()
    expect(shown.page.get_by_text("Kept as 1. Thank you.")).to_be_visible()
    kept = list(Corrections(database_url))[-1]
    assert (kept.label, kept.predicted, kept.strokes) == (1, 7, [])
    ink = np.asarray(Image.open(io.BytesIO(kept.png)).convert("L"))
    assert ink[: ink.shape[0] // 3].max(axis=0).mean() > ink[-ink.shape[0] // 3 :].max(axis=0).mean()  # a 7's bar is up


@only_desktop
def test_clear_removes_the_boxes_and_a_drawing_is_read_again(shown: Screen):
    shown.page.keyboard.press("Escape")
    expect(boxes(shown)).to_have_count(0)
    expect(shown.page.get_by_role("button", name="Zoom in", exact=True)).to_be_hidden()
    shown.write(7)
    expect(shown.status).to_have_text(re.compile("^7, "))


@only_desktop
def test_several_pictures_of_numbers_become_a_table(screen: Screen, page_of_numbers: FilePayload, two: FilePayload):
    screen.page.get_by_label("Upload pictures", exact=True).set_input_files([page_of_numbers, two])
    cells = screen.page.locator("#pictures tbody td:nth-of-type(1)")
    expect(cells).to_have_text(["4071\n35", "2"])
