"""Write whole numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from models.registry.corrections import Corrections
from models.registry.store import ARTIFACTS
from tests import serving
from tests.browser.conftest import opened
from tests.browser.pointers import Mouse
from tests.browser.screen import READ, Screen

ON_FOUR, ON_TWO = (0.315, 0.5), (0.845, 0.37)
"""Points on the ink of 42."""
SEVERAL: dict[str, Any] = {"digit": 4, "reason": "several_digits"}


@pytest.fixture(scope="module")
def url(database_url: str) -> Iterator[str]:
    """Serve the network for single digits that people use, with the one for numbers."""
    models = str(ARTIFACTS / "digits")
    with serving.service(DIGITS_MODELS=models, DIGITS_DATABASE_URL=database_url) as (url, _):
        yield url


@pytest.fixture
def written(screen: Screen) -> Screen:
    """The page after 42 was written and read."""
    screen.write_number("42")
    expect(screen.status).to_have_text("42")
    return screen


only_desktop = pytest.mark.parametrize("screen", ["desktop"], indirect=True)
only_phone = pytest.mark.parametrize("screen", ["phone"], indirect=True)


def read_as(
    screen: Screen, number: str, doubtful: tuple[int, ...] = (), reason: str | None = None, second: float = 0.4
) -> None:
    """Answer every request with one number, whose digits lie side by side from left to right."""
    digits: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for row, line in enumerate(number.split("\n")):
        first = len(digits)
        for column, digit in enumerate(line):
            shares = [0.0] * 10
            shares[int(digit)], shares[(int(digit) + 5) % 10] = 0.5, second
            doubt = "ambiguous" if len(digits) in doubtful else None
            box = [100 + 200 * column, 100 + 200 * row, 100, 150]
            digits.append({"digit": int(digit), "box": box, "probabilities": shares, "confidence": 0.5})
            digits[-1] |= {"digit_score": 0.9, "accepted": doubt is None, "reason": doubt}
        lines.append({"number": line, "box": [0, 0, 9, 9], "digits": [first, len(digits)]})
    reason = reason or ("ambiguous" if doubtful else None)
    reading = {"number": number, "digits": digits, "lines": lines, "accepted": reason is None, "reason": reason}
    reading |= {"model": {"name": "numbers", "version": 1}, "request_id": "test"}
    screen.answer_with(**SEVERAL)
    screen.page.route(READ, lambda route: route.fulfill(json=reading))


def color_at(screen: Screen, point: tuple[float, float]) -> str:
    """Name the color of the ink at a point of the pad."""
    red, _, blue, alpha = screen.ink_at(*point)
    return "none" if not alpha else "accent" if blue - red > 100 else "ink"


def test_42_is_read_while_it_is_written(screen: Screen):
    screen.page.evaluate("""() => {
        window.shown = [];
        const digit = document.querySelector(".digit");
        new MutationObserver(() => shown.push(digit.textContent)).observe(digit, { childList: true });
    }""")
    screen.write(4, 0, 0.25, 0.5)
    expect(screen.page.locator(".digit")).to_have_text("4")
    screen.page.evaluate("shown.length = 0")
    screen.write(2, 0.5, 0.25, 0.5)
    expect(screen.number).to_have_text("42")
    expect(screen.status).to_have_text("42")
    assert not [text for text in screen.page.evaluate("shown") if text in set("01235678")]  # no single digit but the 4


def test_a_number_moves_nothing_but_itself(screen: Screen):
    parts = screen.page.locator("#pad, button, .bars, .track, .seen .tile, nav")
    places = "parts => parts.map(part => Object.values(part.getBoundingClientRect().toJSON()))"
    screen.write(4, 0, 0.25, 0.5)
    expect(screen.page.locator(".digit")).to_have_text("4")
    before = parts.evaluate_all(places)
    screen.write(2, 0.5, 0.25, 0.5)
    expect(screen.number).to_have_text("42")
    assert parts.evaluate_all(places) == before


def test_one_digit_is_shown_as_ever_after_a_number(written: Screen):
    written.page.get_by_role("button", name="Clear", exact=True).click()
    written.write(7)
    expect(written.status).to_have_text(re.compile(r"^7, \d+\.\d\s%$"))
    expect(written.page.locator(".digit")).to_have_text("7")
    expect(written.number).to_be_hidden()


@only_desktop
def test_pointing_at_a_digit_lights_its_ink_and_shows_its_bars(written: Screen):
    candidate = written.page.locator(".candidate .label")
    expect(candidate).to_have_text(["2"])
    assert (color_at(written, ON_FOUR), color_at(written, ON_TWO)) == ("ink", "ink")
    written.number.get_by_text("4").hover()
    expect(candidate).to_have_text(["4"])
    expect(written.words).to_have_text(re.compile(r"^Digit 1 of 2: \d+\.\d\s%$"))
    assert (color_at(written, ON_FOUR), color_at(written, ON_TWO)) == ("accent", "ink")
    written.page.mouse.move(5, 5)
    expect(candidate).to_have_text(["2"])
    assert color_at(written, ON_FOUR) == "ink"


@only_phone
def test_a_tap_on_a_digit_lights_its_ink(written: Screen):
    written.number.get_by_text("4").tap()
    expect(written.page.locator(".candidate .label")).to_have_text(["4"])
    assert (color_at(written, ON_FOUR), color_at(written, ON_TWO)) == ("accent", "ink")
    written.draw([[(0.9, 0.9)]])  # drawing on puts the light out
    assert color_at(written, ON_FOUR) == "ink"


@only_desktop
def test_arrow_keys_move_between_digits(written: Screen):
    options = written.number.get_by_role("option")
    written.page.locator("[popovertarget=correction]").focus()
    written.page.keyboard.press("Tab")
    expect(options.last).to_be_focused()
    written.page.keyboard.press("ArrowLeft")
    expect(options.first).to_be_focused()
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(options.first).to_have_accessible_name(re.compile(r"^4, Digit 1 of 2, \d+\.\d\s%$"))
    assert color_at(written, ON_FOUR) == "accent"
    written.page.keyboard.press("End")
    expect(options.last).to_be_focused()
    assert (color_at(written, ON_FOUR), color_at(written, ON_TWO)) == ("ink", "accent")


@only_desktop
def test_what_the_model_sees_is_the_chosen_digit(written: Screen):
    image = written.page.get_by_alt_text("The drawing as 28 by 28 pixels", exact=True)
    expect(image).to_be_visible()
    two = image.get_attribute("src")
    written.number.get_by_text("4").hover()
    expect(image).not_to_have_attribute("src", two or "")


@only_desktop
def test_the_panel_inside_shows_the_chosen_digit(written: Screen):
    written.page.get_by_role("button", name="Look inside", exact=True).click()
    column = written.page.locator(".neurons thead .candidate")
    expect(column).to_have_text("2")
    written.number.get_by_text("4").hover()
    expect(column).to_have_text("4")


@only_desktop
def test_correcting_a_digit_of_a_number_corrects_that_one(written: Screen, database_url: str):
    written.number.get_by_text("4").click()
    written.page.get_by_role("button", name="Wrong? Fix it", exact=True).click()
    dialog = written.page.get_by_role("dialog", name="Digit 1 of 2, read as 4: what is it really?", exact=True)
    dialog.get_by_role("button", name="9", exact=True).click()
    expect(written.page.get_by_text("Kept as 9. Thank you.")).to_be_visible()
    kept = list(Corrections(database_url))[-1]
    assert (kept.label, kept.predicted, kept.model) == (9, 4, "numbers 1")
    assert len(kept.strokes) == 2
    assert max(x for stroke in kept.strokes for x, _ in stroke) < 0.5  # of the 2 nothing


def test_a_stroke_through_two_digits_is_cut_between_them(desktop: Screen):
    read_as(desktop, "10")
    desktop.draw([[(0.15, 0.2), (0.2, 0.2), (0.35, 0.2), (0.4, 0.2)]])
    desktop.number.get_by_text("0").hover()
    assert (color_at(desktop, (0.15, 0.2)), color_at(desktop, (0.4, 0.2))) == ("ink", "accent")


def test_a_doubtful_digit_is_marked_and_explained(screen: Screen):
    read_as(screen, "407", doubtful=(1,))
    screen.draw([[(0.5, 0.5)]])
    expect(screen.words).to_have_text("Digit 2 of 3: Could be a 0 or a 5")
    expect(screen.status).to_have_text("407. This number is in doubt. Digit 2 of 3: Could be a 0 or a 5")
    expect(screen.page.locator(".candidate .label")).to_have_text(["0", "5"])
    expect(screen.number.get_by_text("0")).to_have_css("text-decoration-style", "wavy")
    expect(screen.number.get_by_text("4")).to_have_css("text-decoration-line", "none")


def test_a_doubt_is_held_back_while_the_pen_is_down(desktop: Screen):
    read_as(desktop, "407", doubtful=(1,))
    desktop.page.mouse.move(*desktop.on_pad(0.5, 0.5))
    with desktop.page.expect_response(READ):
        desktop.page.mouse.down()
    with desktop.page.expect_response(READ):
        desktop.page.mouse.move(*desktop.on_pad(0.6, 0.5))
    expect(desktop.words).to_have_text("Draw a digit")
    desktop.page.mouse.up()
    expect(desktop.number).to_have_text("407")


def test_a_number_in_doubt_as_a_whole_says_so(desktop: Screen):
    read_as(desktop, "407", reason="ambiguous")
    desktop.draw([[(0.5, 0.5)]])
    expect(desktop.words).to_have_text("This number is in doubt\nDigit 3 of 3: 50.0 %")


def test_a_digit_that_only_the_reader_doubts_has_no_second(desktop: Screen):
    read_as(desktop, "407", doubtful=(1,), second=0.001)
    desktop.draw([[(0.5, 0.5)]])
    expect(desktop.words).to_have_text("Digit 2 of 3: In doubt")
    expect(desktop.page.locator(".candidate .label")).to_have_text(["0"])


def test_several_lines_are_answered_as_lines(screen: Screen):
    read_as(screen, "407\n12\n9")
    screen.draw([[(0.5, 0.5)]])
    expect(screen.number.get_by_role("group")).to_have_text(["407", "12", "9"])
    expect(screen.status).to_have_text("407; 12; 9")
    screen.number.get_by_role("option").nth(2).focus()
    for key, digit in (("ArrowDown", "2"), ("ArrowDown", "9"), ("ArrowUp", "1"), ("ArrowLeft", "7")):
        screen.page.keyboard.press(key)
        expect(screen.page.locator(".number :focus")).to_have_text(digit)


def test_a_number_can_be_copied(desktop: Screen):
    read_as(desktop, "407\n12")
    desktop.draw([[(0.5, 0.5)]])
    expect(desktop.number).to_be_visible()
    copied = desktop.number.evaluate("number => (getSelection().selectAllChildren(number), String(getSelection()))")
    assert copied.strip() == "407\n12"


def test_an_unchanged_number_keeps_the_focus_and_what_is_selected(desktop: Screen):
    read_as(desktop, "407")
    desktop.draw([[(0.5, 0.5)]])
    desktop.number.get_by_text("0").focus()
    desktop.number.evaluate("number => getSelection().selectAllChildren(number)")
    with desktop.page.expect_response(READ):
        desktop.draw([[(0.6, 0.5)]])
    assert desktop.page.evaluate("String(getSelection())").strip() == "407"


def test_a_number_is_announced_once(desktop: Screen):
    desktop.page.clock.install()
    desktop.page.evaluate("""() => {
        window.announced = [];
        const status = document.querySelector("[role=status]");
        new MutationObserver(() => announced.push(status.textContent)).observe(status, { childList: true });
    }""")
    read_as(desktop, "407")
    for _ in range(2):
        with desktop.page.expect_response(READ):
            desktop.draw([[(0.5, 0.5)]])
        expect(desktop.number).to_have_text("407")
        desktop.page.clock.run_for(1000)
    desktop.number.get_by_text("0").hover()
    desktop.page.clock.run_for(1000)
    assert desktop.page.evaluate("announced") == ["407"]


def test_what_is_no_number_either_is_still_no_digit(desktop: Screen):
    desktop.answer_with(digit=3, reason="not_a_digit")
    reading = {"number": "", "digits": [], "lines": [], "accepted": False, "reason": "not_a_number"}
    desktop.page.route(READ, lambda route: route.fulfill(json=reading))
    desktop.draw([[(0.5, 0.5)]])
    expect(desktop.status).to_have_text("This does not look like a digit")
    expect(desktop.page.locator(".digit")).to_have_text("?")


def test_several_digits_that_are_one_after_all_are_shown_as_one(desktop: Screen):
    read_as(desktop, "4")
    desktop.draw([[(0.5, 0.5)]])
    expect(desktop.status).to_have_text("4, 50.0 %")
    expect(desktop.page.locator(".digit")).to_have_text("4")
    expect(desktop.number).to_be_hidden()


def test_a_reader_that_refuses_leaves_what_is_known(desktop: Screen):
    desktop.answer_with(**SEVERAL)
    desktop.page.route(READ, lambda route: route.fulfill(status=404))
    desktop.draw([[(0.5, 0.5)]])
    expect(desktop.status).to_have_text("These look like several digits")
    desktop.forgive_failed_requests()


def test_a_number_in_korean(browser: Browser, url: str):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ko-KR")
    with opened(context, url, Mouse) as screen:
        read_as(screen, "407", doubtful=(1,))
        screen.draw([[(0.5, 0.5)]])
        expect(screen.status).to_have_text(
            "407. 이 수는 확실하지 않습니다. 3개 중 2번째 숫자: 0 아니면 5인 것 같습니다"
        )
    context.close()


@pytest.mark.parametrize("size", [(320, 568), (360, 640), (768, 1024), (844, 390), (1280, 800), (3840, 2160)])
def test_long_numbers_fit_every_screen(desktop: Screen, size: tuple[int, int]):
    desktop.page.set_viewport_size({"width": size[0], "height": size[1]})
    read_as(desktop, "\n".join(["31415926535897932384", "62643383", "2795"]), doubtful=(3,))
    desktop.draw([[(0.5, 0.5)]])
    expect(desktop.number).to_be_visible()
    assert desktop.page.evaluate("document.documentElement.scrollWidth") == size[0]
    number, words = desktop.number.bounding_box(), desktop.words.bounding_box()
    assert number
    assert words
    assert number["y"] + number["height"] <= words["y"] + 1


def test_the_pad_of_a_low_phone_is_wide_enough_for_several_digits(phone: Screen):
    phone.page.set_viewport_size({"width": 360, "height": 640})
    pad = phone.page.locator("#pad").bounding_box()
    assert pad
    assert pad["width"] == 328
    phone.draw([[(0.02, 0.5), (0.98, 0.5)]])  # at the finger, from side to side
    assert phone.ink_at(0.05, 0.5)[3] == phone.ink_at(0.95, 0.5)[3] == 255
