"""WCAG 2.2 AA, as far as axe-core can check it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, expect

from tests.browser.screen import PREDICT, READ, Screen
from tests.browser.test_numbers import read_as

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
DOT = [[(0.5, 0.5)]]


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "ko")], indirect=["screen"])
def test_axe_finds_no_violation(screen: Screen, url: str, language: str, color_scheme: str):
    screen.page.emulate_media(color_scheme=color_scheme)
    screen.page.goto(f"{url}/?lang={language}")
    screen.write(7)
    expect(screen.page.locator(".digit")).to_have_text("7")
    for panel in screen.page.locator("nav button").all():
        panel.click()
    found = Axe().run(screen.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_any_state(phone: Screen, two: FilePayload, color_scheme: str):
    phone.page.emulate_media(color_scheme=color_scheme)
    upload = phone.page.get_by_label("Upload pictures", exact=True)
    check(phone, "Draw a digit")
    upload.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"seven"})
    check(phone, "This is not a PNG")
    upload.set_input_files([two, two])
    expect(phone.page.locator("#pictures tbody")).not_to_contain_text("Waiting")
    phone.page.get_by_role("button", name="Clear", exact=True).click()
    phone.answer_with(digit=3, reason="not_a_digit")
    phone.draw(DOT)
    check(phone, "This does not look like a digit")
    phone.page.get_by_role("button", name="Wrong? Fix it", exact=True).click()
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    check(phone, "This does not look like a digit")
    phone.page.keyboard.press("Escape")
    phone.page.get_by_role("button", name="Samples", exact=True).click()
    expect(phone.page.get_by_role("button", name="A sample 9", exact=True)).to_be_visible()
    check(phone, "This does not look like a digit")
    phone.page.keyboard.press("Escape")
    phone.page.unroute(PREDICT)
    phone.page.route(PREDICT, lambda route: route.abort())
    phone.draw(DOT)
    check(phone, "The service cannot be reached")
    phone.page.unroute(PREDICT)
    expect(phone.words).to_contain_text("%")  # otherwise an active request would fail later
    phone.forgive_failed_requests()


def check(screen: Screen, words: str) -> None:
    """Check with axe once these words are shown."""
    expect(screen.words).to_contain_text(words)
    found = Axe().run(screen.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_the_page_can_be_zoomed_to_400_percent(desktop: Screen, two: FilePayload):
    desktop.page.set_viewport_size({"width": 320, "height": 256})  # what 1280 x 1024 are at 400 %
    desktop.write(7)
    expect(desktop.page.locator(".digit")).to_have_text("7")
    for panel in desktop.page.locator("nav button").all():
        panel.click()
    expect(desktop.page.locator(".neurons tbody tr")).to_have_count(12)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files([two, two])
    expect(desktop.page.locator("#pictures tbody")).not_to_contain_text("Waiting")
    assert desktop.page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_a_number(screen: Screen, page_of_numbers: FilePayload, color_scheme: str):
    screen.page.emulate_media(color_scheme=color_scheme)
    read_as(screen, "407", doubtful=(1,))
    screen.draw(DOT)
    screen.number.get_by_text("4").focus()
    check(screen, "Digit 1 of 3")
    screen.page.unroute(READ)
    read_as(screen, "407\n12")
    screen.page.get_by_label("Upload pictures", exact=True).set_input_files(page_of_numbers)
    check(screen, "Digit 5 of 5")


def test_a_number_is_marked_in_forced_colors(desktop: Screen):
    desktop.page.emulate_media(forced_colors="active")
    read_as(desktop, "407", doubtful=(1,))
    desktop.draw(DOT)
    chosen = desktop.page.get_by_role("option", selected=True)
    expect(chosen).to_have_css("outline-style", "solid")
    expect(chosen).to_have_css("text-decoration-style", "wavy")
