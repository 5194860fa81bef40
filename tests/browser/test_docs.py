"""The page for programmers, in both languages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from service.web.pages import DOCS, OPENAPI
from tests.browser.screen import Screen
from tests.browser.test_accessibility import RULES

API = json.loads(OPENAPI.read_bytes())
WORDS = json.loads(DOCS.read_bytes())
LONGEST = 3000
"""CSS pixels of the page before anything is opened."""
OPERATIONS = {f"{method.upper()} {path}" for path, methods in API["paths"].items() for method in methods}

languages = pytest.mark.parametrize("language", ["en", "ko"])


def prose(part: Any) -> set[str]:
    """Collect what a part of the description says in sentences; its examples and schemas are for machines."""
    if isinstance(part, list):
        return set().union(*map(prose, part))
    if not isinstance(part, dict):
        return set()
    said = {part[key] for key in ("description", "summary") if isinstance(part.get(key), str)}
    return said.union(*(prose(value) for key, value in part.items() if key not in ("schema", "schemas", "example")))


@languages
def test_every_operation_is_listed_and_the_page_is_short(screen: Screen, url: str, language: str):
    screen.page.goto(f"{url}/docs?lang={language}")
    expect(screen.page.locator("html")).to_have_attribute("lang", language)
    assert set(screen.page.locator(".operation h3").all_text_contents()) == OPERATIONS
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert screen.page.evaluate("document.documentElement.scrollHeight") < LONGEST


@languages
def test_an_operation_opens_and_shows_its_answers(desktop: Screen, url: str, language: str):
    desktop.page.goto(f"{url}/docs?lang={language}")
    predict = desktop.page.get_by_role("article", name="POST /predict", exact=True)
    expect(predict).to_be_hidden()
    desktop.page.locator("summary", has=desktop.page.get_by_text("/predict", exact=True)).click()
    expect(predict.locator("h4")).to_have_text([WORDS[language][part] for part in ("parameters", "body", "answers")])
    expect(predict.get_by_text('"digit": 7').first).to_be_visible()


def test_a_link_to_an_operation_opens_it(desktop: Screen, url: str):
    desktop.page.goto(f"{url}/docs#get-/v1/models/{{name}}")
    expect(desktop.page.get_by_role("article", name="GET /v1/models/{name}", exact=True)).to_be_in_viewport()


def test_the_page_is_in_the_language_of_the_page_that_links_to_it(desktop: Screen):
    desktop.page.get_by_role("link", name="한국어", exact=True).click()
    desktop.page.get_by_role("link", name="개발자용", exact=True).click()
    expect(desktop.page.get_by_role("heading", level=1)).to_have_text("개발자용")
    desktop.page.get_by_role("link", name="English", exact=True).click()
    expect(desktop.page.get_by_role("heading", level=1)).to_have_text("For programmers")


@languages
def test_axe_finds_nothing(desktop: Screen, url: str, language: str):
    desktop.page.emulate_media(color_scheme="dark" if language == "en" else "light")
    desktop.page.goto(f"{url}/docs?lang={language}")
    for summary in desktop.page.locator("#quick-start summary, section > details > summary").all():
        summary.click()
    desktop.page.locator("summary", has=desktop.page.get_by_text("/read", exact=True)).click()
    found = Axe().run(desktop.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_everything_that_is_shown_is_said_in_korean():
    tags = {tag["name"] for tag in API["tags"]}
    shown = prose([API["paths"], API["tags"], API["components"]["responses"]]) | {API["info"]["description"]} | tags
    assert shown == WORDS["ko"]["prose"].keys()
