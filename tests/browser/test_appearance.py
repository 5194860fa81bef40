from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.screen import Screen

READABLE = 4.5
"""The least contrast of text by WCAG AA."""


@pytest.mark.parametrize(("width", "height"), [(320, 568), (640, 400), (844, 390), (820, 1180), (3840, 2160)])
def test_the_page_is_never_wider_than_the_screen(desktop: Screen, width: int, height: int):
    desktop.page.set_viewport_size({"width": width, "height": height})
    assert desktop.page.evaluate("document.documentElement.scrollWidth") == width


def test_a_phone_shows_everything_without_scrolling(phone: Screen):
    phone.write(7)
    expect(phone.words).to_have_text(re.compile("%"))
    assert phone.page.evaluate("document.documentElement.scrollHeight") == 844
    for part in (".sheet", ".digit", ".bars", ".seen", "nav a"):
        expect(phone.page.locator(part)).to_be_in_viewport(ratio=1)


def test_every_target_is_large_enough_for_a_finger(phone: Screen):
    for target in phone.page.locator("button, .button, a").filter(visible=True).all():
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


def test_the_keyboard_reaches_every_control_with_a_visible_focus(desktop: Screen):
    rings = ["#language", "#pad", "#undo", "#redo", "#pen", "#eraser", "#clear", ".button:has(#file)",
             "[popovertarget=samples]", "nav [aria-controls=inside]", "nav [aria-controls=request]", "nav a"]  # fmt: skip
    for ring in rings:
        desktop.page.keyboard.press("Tab")
        expect(desktop.page.locator(ring)).to_have_css("outline-style", "solid")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(desktop: Screen, color_scheme: str):
    desktop.page.emulate_media(color_scheme=color_scheme)
    texts = {"h1": "body", "#hint": ".sheet", "#eraser": "#eraser", ".label": "body", ".share": "body", "nav a": "body"}
    for text, ground in texts.items():
        ink = luminance(desktop.page.locator(text).first, "color")
        background = luminance(desktop.page.locator(ground), "backgroundColor")
        assert (max(ink, background) + 0.05) / (min(ink, background) + 0.05) >= READABLE


def luminance(element: Locator, css: str) -> float:
    """Compute the relative luminance of a color, 0..1, as WCAG defines it."""
    color = element.evaluate("(element, css) => getComputedStyle(element)[css]", css)
    channels = [int(channel) / 255 for channel in re.findall(r"\d+", color)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_nothing_moves_when_reduced_motion_is_set(desktop: Screen):
    desktop.page.emulate_media(reduced_motion="reduce")
    expect(desktop.page.locator(".bar").first).to_have_css("transition-duration", "0s")
