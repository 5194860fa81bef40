from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.pointers import Mouse
from tests.browser.screen import Screen

READABLE = 4.5
"""The least contrast of text by WCAG AA."""
OVERLAPS = """() => {
    const isShown = (part) => part.checkVisibility({ visibilityProperty: true });
    const shown = [...document.querySelectorAll("h1, a, button, .button, .words, .label, .share, .tile, .seen span:not(.tile)")]
        .filter((part) => isShown(part) && part.textContent.trim() + part.innerHTML && !part.closest(".sheet"));
    const boxes = shown.map((part) => {
        const range = document.createRange();
        range.selectNodeContents(part);
        const isControl = part.matches("button, .button, .tile");
        return { name: part.id || part.textContent.trim(), part,
            box: (isControl ? part : range).getBoundingClientRect(), text: range.getBoundingClientRect() };
    }).filter(({ box }) => box.width && box.height);
    const found = [];
    for (const { name, part, box, text } of boxes) {
        const isOutside = text.left < box.left - 1 || text.right > box.right + 1 || text.top < box.top - 1 || text.bottom > box.bottom + 1;
        if (part.matches("button, .button") && isOutside) found.push(`${name} crosses its button`);
        if (box.right > innerWidth + 1) found.push(`${name} leaves the screen`);
    }
    for (const [i, one] of boxes.entries()) for (const other of boxes.slice(i + 1)) {
        if (one.part.contains(other.part) || other.part.contains(one.part)) continue;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 1 && down > 2) found.push(`${one.name} overlaps ${other.name}`);
    }
    return found;
}"""


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


@pytest.mark.parametrize("letters", [16, 32])
@pytest.mark.parametrize("touch", [False, True])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_overlaps_on_any_screen(browser: Browser, url: str, language: str, touch: bool, letters: int):
    context = browser.new_context(has_touch=touch, is_mobile=touch)
    page = context.new_page()
    screen = Screen(page, Mouse(page), url)
    page.goto(f"{url}/?lang={language}")
    session = context.new_cdp_session(page)
    session.send("Page.enable")
    session.send("Page.setFontSizes", {"fontSizes": {"standard": letters}})
    screen.write(7)
    expect(page.locator(".digit")).to_have_text("7")
    found = {}
    for width, height in [(1280, 800), (640, 400), (844, 390), (667, 320), (390, 844), (320, 568), (320, 256)]:
        page.set_viewport_size({"width": width, "height": height})
        found[width, height] = page.evaluate(OVERLAPS)
    context.close()
    assert not any(found.values()), found


def test_forced_colors_leave_the_sheet_an_edge_and_the_pen_a_nib(desktop: Screen):
    desktop.page.emulate_media(forced_colors="active")
    expect(desktop.page.locator(".sheet")).to_have_css("border-style", "solid")
    nib = desktop.page.locator(".nib")
    colors = nib.evaluate("nib => [nib, nib.parentElement].map((part) => getComputedStyle(part).backgroundColor)")
    assert colors[0] != colors[1]


def test_korean_breaks_between_words(phone: Screen, url: str):
    phone.page.goto(f"{url}/?lang=ko")
    expect(phone.page.locator("body")).to_have_css("word-break", "keep-all")
