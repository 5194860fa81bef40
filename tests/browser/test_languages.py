"""English and Korean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import opened
from tests.browser.pointers import Mouse
from tests.browser.screen import Screen
from tests.serving import ROOT

TEXTS = json.loads((ROOT / "service/web/texts.json").read_text())


@pytest.fixture
def korean(browser: Browser, url: str) -> Iterator[Screen]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ko-KR")
    with opened(context, url, Mouse) as screen:
        yield screen
    context.close()


def test_a_korean_browser_gets_a_korean_page(korean: Screen):
    expect(korean.page.locator("html")).to_have_attribute("lang", "ko")
    expect(korean.page.get_by_role("heading", level=1)).to_have_text("손글씨 숫자")


def test_a_rejected_answer_is_in_korean(korean: Screen):
    korean.answer_with(digit=4, reason="ambiguous", probabilities=[0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.4])
    korean.write(4)
    expect(korean.status).to_have_text("4 아니면 9인 것 같습니다")


def test_a_refusal_is_in_korean(korean: Screen):
    notes = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"seven"}
    korean.page.get_by_label("사진 올리기", exact=True).set_input_files(notes)
    expect(korean.status).to_have_text(TEXTS["ko"]["problems"]["undecodable_image"])
    korean.forgive_failed_requests()


def test_switching_the_language_keeps_the_drawing_once(desktop: Screen, url: str):
    desktop.write(7)
    desktop.page.get_by_role("link", name="한국어", exact=True).click()
    expect(desktop.page.get_by_role("heading", level=1)).to_have_text("손글씨 숫자")
    expect(desktop.status).to_have_text(re.compile("^7, "))
    assert desktop.page.evaluate("sessionStorage.length + localStorage.length") == 0
    desktop.page.goto(url)
    expect(desktop.page.get_by_role("heading", level=1)).to_have_text("Handwritten digits")
    expect(desktop.page.get_by_text("Draw a digit or a number here")).to_be_visible()


def test_both_languages_have_the_same_texts():
    assert TEXTS["en"].keys() == TEXTS["ko"].keys()
    for name, text in TEXTS["en"].items():
        other = TEXTS["ko"][name]
        assert type(text) is type(other)
        if isinstance(text, str):
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", other)), name
        elif isinstance(text, dict):
            assert text.keys() == other.keys(), name
        else:
            assert len(text) == len(other), name


def test_no_korean_text_leaves_a_particle_open():
    for path in ("texts.json", "docs.json"):
        text = (ROOT / "service/web" / path).read_text()
        assert not re.findall(
            r"[을를이가은는와과]\([을를이가은는와과]\)|\((?:으|이)\)\w|[을를이가은는와과]/[을를이가은는와과]", text
        )
        assert not re.findall(
            r"\{(?:digit|name|bias|sum|total|value|first|second)\}(?:을|를|이|가|은|는|와|과|으로|로)(?![가-힣])", text
        )
