"""WCAG 2.2 AA, as far as axe-core can tell."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, expect

from tests.browser.screen import Screen

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "ko")], indirect=["screen"])
def test_axe_finds_nothing_to_complain_of(screen: Screen, url: str, language: str, color_scheme: str):
    screen.page.emulate_media(color_scheme=color_scheme)
    screen.page.goto(f"{url}/?lang={language}")
    screen.write(7)
    expect(screen.page.locator(".digit")).to_have_text("7")
    for panel in screen.page.locator("nav button").all():
        panel.click()
    found = Axe().run(screen.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("opener", ["Samples", "Correct"])
def test_axe_finds_nothing_in_what_opens_over_the_page(phone: Screen, opener: str):
    phone.write(7)
    expect(phone.page.locator(".digit")).to_have_text("7")
    phone.page.get_by_role("button", name=opener).click()
    expect(phone.page.locator(":popover-open")).to_be_visible()
    found = Axe().run(phone.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_in_a_table_of_pictures(phone: Screen, two: FilePayload):
    phone.page.get_by_label("Upload pictures").set_input_files([two, two])
    expect(phone.page.locator("#pictures tbody")).not_to_contain_text("Waiting")
    found = Axe().run(phone.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_the_page_can_be_zoomed_to_400_percent(desktop: Screen):
    desktop.page.set_viewport_size({"width": 320, "height": 256})  # what 1280 x 1024 are at 400 %
    desktop.write(7)
    expect(desktop.page.locator(".digit")).to_have_text("7")
    assert desktop.page.evaluate("document.documentElement.scrollWidth") == 320
