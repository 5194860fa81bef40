from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from playwright.sync_api import expect

from tests.browser.screen import Screen

DOWN = [(0.3, 0.2), (0.3, 0.5), (0.3, 0.8)]
ACROSS = [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5)]


def is_read(digit: int) -> re.Pattern[str]:
    return re.compile(rf"^{digit}, \d+\.\d\s%$")


@pytest.mark.parametrize(("screen", "digits"), [("desktop", range(10)), ("phone", (2, 4, 7))], indirect=["screen"])
def test_each_digit_is_read(screen: Screen, digits: Iterable[int]):
    for digit in digits:
        screen.write(digit)
        expect(screen.status).to_have_text(is_read(digit))
        screen.page.get_by_role("button", name="Clear", exact=True).click()
        expect(screen.status).to_have_text("Draw a digit")


def test_a_digit_drawn_small_in_a_corner_is_read(screen: Screen):
    screen.write(3, left=0.7, top=0.02, size=0.3)
    expect(screen.status).to_have_text(is_read(3))


def test_the_answer_comes_while_the_pen_is_down(desktop: Screen):
    mouse = desktop.page.mouse
    mouse.move(*desktop.on_pad(0.5, 0.2))
    mouse.down()
    mouse.move(*desktop.on_pad(0.5, 0.8), steps=10)
    expect(desktop.status).to_have_text(is_read(1))


def test_a_tap_leaves_a_dot(phone: Screen):
    phone.draw([[(0.5, 0.5)]])
    expect(phone.page.get_by_text("Draw a digit or a number here")).to_be_hidden()
    assert phone.ink_at(0.5, 0.5)[3] == 255
    assert phone.ink_at(0.6, 0.5)[3] == 0


def test_a_stroke_may_leave_the_pad_and_return(desktop: Screen):
    desktop.draw([[(0.5, 0.5), (1.3, 0.5), (1.3, 0.8), (0.5, 0.8)]])
    assert desktop.ink_at(0.6, 0.5)[3] == desktop.ink_at(0.6, 0.8)[3] == 255


def test_a_second_finger_is_ignored_while_the_first_draws(phone: Screen):
    first, second = phone.on_pad(0.2, 0.2), phone.on_pad(0.8, 0.2)
    phone.pointer.touch("touchStart", first)
    phone.pointer.touch("touchStart", first, second)
    phone.pointer.touch("touchMove", phone.on_pad(0.2, 0.8), phone.on_pad(0.8, 0.8))
    phone.pointer.touch("touchEnd")
    assert phone.ink_at(0.2, 0.5)[3] == 255
    assert phone.ink_at(0.8, 0.5)[3] == phone.ink_at(0.5, 0.5)[3] == 0


def test_drawing_does_not_scroll_a_phone(phone: Screen):
    phone.page.set_viewport_size({"width": 320, "height": 480})
    upward = [(0.5, 0.9), (0.5, 0.7), (0.5, 0.5), (0.5, 0.3), (0.5, 0.1)]
    phone.draw([upward])
    assert phone.page.evaluate("scrollY") == 0
    phone.draw([upward], top=1.1)  # below the pad the same stroke scrolls
    phone.page.wait_for_function("scrollY > 0")


def test_drawing_does_not_zoom_a_phone(phone: Screen):
    phone.draw([[(0.5, 0.5)], [(0.5, 0.5)]])
    expect(phone.words).not_to_have_text("Draw a digit")
    assert phone.page.evaluate("visualViewport.scale") == 1


def test_undo_removes_the_last_stroke(screen: Screen):
    screen.draw([DOWN, ACROSS])
    screen.page.get_by_role("button", name="Undo", exact=True).click()
    assert screen.ink_at(0.3, 0.3)[3] == 255
    assert screen.ink_at(0.6, 0.5)[3] == 0


def test_clear_empties_the_pad_and_announces_it(screen: Screen):
    screen.write(7)
    expect(screen.status).to_have_text(is_read(7))
    screen.page.get_by_role("button", name="Clear", exact=True).click()
    expect(screen.status).to_have_text("Draw a digit")
    expect(screen.page.get_by_text("Draw a digit or a number here")).to_be_visible()
    assert screen.ink_at(0.6, 0.15)[3] == 0


@pytest.mark.parametrize("key", ["Control+z", "Meta+z"])
def test_the_undo_key_removes_the_last_stroke(desktop: Screen, key: str):
    desktop.draw([DOWN, ACROSS])
    desktop.page.keyboard.press(key)
    assert desktop.ink_at(0.3, 0.3)[3] == 255
    assert desktop.ink_at(0.6, 0.5)[3] == 0


@pytest.mark.parametrize("key", ["Escape", "Delete", "Backspace"])
def test_a_key_clears_the_pad(desktop: Screen, key: str):
    desktop.draw([DOWN, ACROSS])
    desktop.page.keyboard.press(key)
    expect(desktop.status).to_have_text("Draw a digit")
    assert desktop.ink_at(0.3, 0.3)[3] == 0


def test_the_drawing_survives_a_resize(desktop: Screen):
    desktop.write(7)
    before = desktop.page.locator("#pad").evaluate("canvas => canvas.width")
    desktop.page.set_viewport_size({"width": 400, "height": 700})
    desktop.page.wait_for_function("before => document.querySelector('#pad').width < before", arg=before)
    assert desktop.ink_at(0.5, 0.16)[3] == 255
    expect(desktop.status).to_have_text(is_read(7))


def test_the_drawing_survives_a_phone_s_rotation(phone: Screen):
    phone.write(7)
    expect(phone.status).to_have_text(is_read(7))
    for width, height in ((844, 390), (390, 844)):
        before = phone.page.locator("#pad").evaluate("canvas => canvas.width")
        phone.page.set_viewport_size({"width": width, "height": height})
        phone.page.wait_for_function("before => document.querySelector('#pad').width !== before", arg=before)
        assert phone.ink_at(0.5, 0.16)[3] == 255
        assert phone.page.evaluate("document.documentElement.scrollWidth") == width
    phone.draw([[(0.35, 0.5), (0.65, 0.5)]])  # at the finger, not where the pad was before
    assert phone.ink_at(0.4, 0.5)[3] == 255


def test_points_that_the_browser_merged_are_drawn(desktop: Screen):
    desktop.page.evaluate("document.addEventListener('pointerdown', ({ pointerId }) => (window.held = pointerId))")
    desktop.page.mouse.move(*desktop.on_pad(0.2, 0.2))
    desktop.page.mouse.down()
    desktop.page.locator("#pad").evaluate(
        """(pad, points) => {
            const toMove = ([clientX, clientY], more) =>
                new PointerEvent("pointermove", { pointerId: held, pointerType: "mouse", clientX, clientY, ...more });
            pad.dispatchEvent(toMove(points.at(-1), { coalescedEvents: points.map((point) => toMove(point)) }));
        }""",
        [desktop.on_pad(x, y) for x, y in [(0.2, 0.5), (0.2, 0.8), (0.5, 0.8), (0.8, 0.8)]],
    )
    desktop.page.mouse.up()
    assert desktop.ink_at(0.5, 0.8)[3] == desktop.ink_at(0.2, 0.6)[3] == 255
    assert desktop.ink_at(0.5, 0.5)[3] == 0


def test_a_reload_forgets_the_drawing(desktop: Screen):
    desktop.write(7)
    expect(desktop.status).to_have_text(is_read(7))
    desktop.page.reload()
    expect(desktop.page.get_by_text("Draw a digit or a number here")).to_be_visible()
    assert desktop.page.evaluate("[document.cookie, sessionStorage.length + localStorage.length]") == ["", 0]


def test_ink_has_the_screen_s_resolution(phone: Screen):
    pixels, css_pixels = phone.page.locator("#pad").evaluate("canvas => [canvas.width, canvas.clientWidth]")
    assert pixels == 3 * css_pixels


def test_ink_is_light_on_a_dark_page(desktop: Screen):
    desktop.draw([DOWN])
    assert max(desktop.ink_at(0.3, 0.5)[:3]) < 64
    desktop.page.evaluate("""() => {
        const dark = matchMedia("(prefers-color-scheme: dark)");
        window.turned = new Promise((resolve) => dark.addEventListener("change", () => resolve()));
    }""")
    desktop.page.emulate_media(color_scheme="dark")
    desktop.page.evaluate("turned")
    assert min(desktop.ink_at(0.3, 0.5)[:3]) > 192
