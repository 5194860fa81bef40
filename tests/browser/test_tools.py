"""Pen, eraser, undo and keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pointers import Pen
from tests.browser.screen import PREDICT, Screen

DOWN = [(0.3, 0.2), (0.3, 0.5), (0.3, 0.8)]
ACROSS = [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5)]


def press(screen: Screen, name: str) -> None:
    screen.page.get_by_role("button", name=name, exact=True).click()


def is_inked(screen: Screen, x: float, y: float) -> bool:
    return screen.ink_at(x, y)[3] == 255


def width_at(screen: Screen, y: float) -> float:
    """Measure the width of the ink on a row of the pad, of its side."""
    return screen.page.locator("#pad").evaluate(
        """(canvas, y) => {
            const line = new OffscreenCanvas(canvas.width, 1).getContext("2d", { willReadFrequently: true });
            line.drawImage(canvas, 0, -Math.round(y * canvas.height));
            const row = line.getImageData(0, 0, canvas.width, 1).data;
            return row.filter((_, i) => i % 4 === 3 && row[i] > 127).length / canvas.width;
        }""",
        y,
    )


def test_redo_restores_a_stroke_that_undo_removed(screen: Screen):
    screen.draw([DOWN, ACROSS])
    press(screen, "Undo")
    press(screen, "Redo")
    assert is_inked(screen, 0.6, 0.5)


@pytest.mark.parametrize("key", ["Control+Shift+Z", "Control+y"])
def test_the_redo_key_restores_a_stroke_that_undo_removed(desktop: Screen, key: str):
    desktop.draw([DOWN])
    desktop.page.keyboard.press("Control+z")
    desktop.page.keyboard.press(key)
    assert is_inked(desktop, 0.3, 0.5)


def test_undo_restores_a_cleared_drawing(desktop: Screen):
    desktop.draw([DOWN, ACROSS])
    press(desktop, "Clear")
    press(desktop, "Undo")
    assert is_inked(desktop, 0.3, 0.3)
    assert is_inked(desktop, 0.6, 0.5)


def test_undoing_while_the_pen_is_down_ends_the_stroke(desktop: Screen):
    desktop.draw([DOWN])
    mouse = desktop.page.mouse
    mouse.move(*desktop.on_pad(0.7, 0.2))
    mouse.down()
    desktop.page.keyboard.press("Control+z")
    mouse.move(*desktop.on_pad(0.7, 0.8))
    mouse.up()
    assert is_inked(desktop, 0.3, 0.5)
    assert not is_inked(desktop, 0.7, 0.5)


def test_the_eraser_removes_only_the_ink_that_it_touches(screen: Screen):
    screen.draw([DOWN])
    press(screen, "Eraser")
    screen.draw([[(0.1, 0.5), (0.5, 0.5)]])
    assert not is_inked(screen, 0.3, 0.5)
    assert is_inked(screen, 0.3, 0.25)
    assert is_inked(screen, 0.3, 0.75)
    press(screen, "Undo")
    assert is_inked(screen, 0.3, 0.5)


def test_the_eraser_is_a_switch(desktop: Screen):
    eraser = desktop.page.get_by_role("button", name="Eraser", exact=True)
    desktop.page.locator("#pad").focus()
    desktop.page.keyboard.press("e")
    expect(eraser).to_have_attribute("aria-pressed", "true")
    desktop.page.keyboard.press("e")
    expect(eraser).to_have_attribute("aria-pressed", "false")
    desktop.draw([DOWN])
    assert is_inked(desktop, 0.3, 0.5)


def test_a_wider_pen_draws_a_wider_line(desktop: Screen):
    desktop.draw([DOWN])
    medium = width_at(desktop, 0.5)
    press(desktop, "Pen width: medium")
    desktop.draw([[(x + 0.4, y) for x, y in DOWN]])
    assert width_at(desktop, 0.5) - medium > 1.4 * medium
    expect(desktop.page.get_by_role("button", name="Pen width: thick", exact=True)).to_be_visible()


def test_a_pen_pressed_harder_draws_a_wider_line(desktop: Screen):
    pen = Pen(desktop.page)
    pen.draw([desktop.on_pad(x, y) for x, y in DOWN], force=0.1)
    light = width_at(desktop, 0.4)
    pen.draw([desktop.on_pad(x + 0.4, y) for x, y in DOWN], force=0.9)
    assert width_at(desktop, 0.4) - light > 1.5 * light


def test_a_palm_before_the_pen_leaves_no_ink(phone: Screen):
    phone.pointer.touch("touchStart", phone.on_pad(0.8, 0.8))
    phone.pointer.touch("touchMove", phone.on_pad(0.8, 0.6))
    Pen(phone.page).draw([phone.on_pad(x, y) for x, y in DOWN], force=0.5)
    assert is_inked(phone, 0.3, 0.5)
    assert not is_inked(phone, 0.8, 0.7)


def test_a_touch_that_the_system_cancels_leaves_no_ink(phone: Screen):
    phone.draw([DOWN])
    phone.pointer.touch("touchStart", phone.on_pad(0.8, 0.2))
    phone.pointer.touch("touchMove", phone.on_pad(0.8, 0.6))
    phone.pointer.touch("touchCancel")
    phone.page.wait_for_function("document.querySelector('#pad').getContext('2d')")
    assert is_inked(phone, 0.3, 0.5)
    assert not is_inked(phone, 0.8, 0.4)


def test_arrow_keys_draw_a_one(desktop: Screen):
    desktop.page.locator("#pad").focus()
    keyboard = desktop.page.keyboard
    for _ in range(7):
        keyboard.press("ArrowUp")
    keyboard.press("Space")
    expect(desktop.page.locator("#pen-state")).to_have_text("Pen down")
    for _ in range(14):
        keyboard.press("ArrowDown")
    keyboard.press("Space")
    expect(desktop.page.locator(".digit")).to_have_text("1")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    assert not is_inked(desktop, 0.6, 0.85)


def test_a_sample_is_drawn_and_read(screen: Screen):
    press(screen, "Samples")
    press(screen, "A sample 5")
    expect(screen.status).to_have_text(re.compile(r"^5, "))
    press(screen, "Undo")
    expect(screen.status).to_have_text("Draw a digit")


def test_a_letter_that_is_typed_beside_the_pad_is_no_shortcut(desktop: Screen):
    desktop.draw([DOWN])
    desktop.page.get_by_role("link", name="For programmers", exact=True).focus()
    for key in ("e", "Backspace", "Delete"):
        desktop.page.keyboard.press(key)
    expect(desktop.page.get_by_role("button", name="Eraser", exact=True)).to_have_attribute("aria-pressed", "false")
    assert is_inked(desktop, 0.3, 0.5)


def test_shortcuts_work_with_a_hangul_layout(desktop: Screen):
    desktop.draw([DOWN])
    press_hangul = """([key, code, ctrlKey]) => document.querySelector("#pad").dispatchEvent(
        new KeyboardEvent("keydown", { key, code, ctrlKey, bubbles: true, cancelable: true }))"""
    desktop.page.evaluate(press_hangul, ["ㄷ", "KeyE", False])
    expect(desktop.page.get_by_role("button", name="Eraser", exact=True)).to_have_attribute("aria-pressed", "true")
    desktop.page.evaluate(press_hangul, ["ㅋ", "KeyZ", True])
    assert not is_inked(desktop, 0.3, 0.5)


def test_what_cannot_be_done_is_disabled_and_keeps_the_focus(desktop: Screen):
    undo, redo, clear = (
        desktop.page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo", "Clear")
    )
    for button in (undo, redo, clear):
        expect(button).to_be_disabled()
    desktop.draw([DOWN])
    expect(undo).to_be_enabled()
    expect(clear).to_be_enabled()
    expect(redo).to_be_disabled()
    undo.focus()
    desktop.page.keyboard.press("Enter")
    expect(undo).to_be_disabled()
    expect(undo).to_be_focused()
    expect(redo).to_be_enabled()


def test_a_doubt_is_shown_once_the_pen_rests(desktop: Screen):
    desktop.answer_with(digit=3, reason="not_a_digit")
    desktop.page.mouse.move(*desktop.on_pad(0.5, 0.5))
    desktop.page.mouse.down()
    expect(desktop.status).to_have_text("This does not look like a digit")


def test_no_doubt_flashes_while_the_keyboard_draws(desktop: Screen):
    desktop.answer_with(digit=3, reason="not_a_digit")
    desktop.page.clock.install()
    desktop.page.locator("#pad").focus()
    with desktop.page.expect_response(PREDICT):
        desktop.page.keyboard.press("Space")
    desktop.page.clock.run_for(100)
    expect(desktop.words).to_have_text("Draw a digit")
    desktop.page.keyboard.press("Space")
    expect(desktop.words).to_have_text("This does not look like a digit")
