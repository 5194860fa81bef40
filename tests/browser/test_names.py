"""Every accessible name and tooltip of every page, in both languages, exactly as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.names import names
from tests.browser.screen import READ, Screen
from tests.browser.test_docs import API, OPERATIONS, WORDS
from tests.browser.test_languages import TEXTS
from tests.browser.test_numbers import read_as

DOT = [[(0.5, 0.5)]]
SHAPES = {
    "convolution 1": "32\u2009×\u200924\u2009×\u200924",
    "pooling 1": "32\u2009×\u200912\u2009×\u200912",
    "convolution 2": "64\u2009×\u20098\u2009×\u20098",
    "pooling 2": "64\u2009×\u20094\u2009×\u20094",
    "dense 1": "1024",
}
"""Of the textbook CNN's layers."""

languages = pytest.mark.parametrize("language", ["en", "ko"])


def first_view(t: dict[str, str], pen: str) -> Counter[str]:
    """List the names that are always there."""
    return Counter([
        f"RootWebArea: {t['title']}",
        f"heading: {t['title']}",
        f"link: {t['other_language']}",
        f"region: {t['drawing']}",
        f"application: {t['pad']}",
        f"group: {t['tools']}",
        f"button: {t['undo']} ({t['undo']} (Ctrl+Z))",
        f"button: {t['redo']} ({t['redo']} (Ctrl+Shift+Z))",
        f"button: {t['pen_is'].format(width=pen)} ({t['pen']})",
        f"button: {t['eraser']} ({t['eraser']} (E))",
        f"button: {t['clear']} ({t['clear']} (Esc))",
        f"group: {t['sources']}",
        f"button: {t['upload_label']}",
        f"button: {t['samples']}",
        f"button: {t['correct']}",
        f"region: {t['answer']}",
        f"list: {t['shares']}",
        f"button: {t['inside']}",
        f"button: {t['request_short']}",
        f"link: {t['programmers']}",
    ])  # fmt: skip


def layers(t: dict[str, str]) -> Iterable[str]:
    for layer, shape in SHAPES.items():
        kind, number = layer.split()
        name = f"{t[kind]} {number} {shape}"
        yield f"heading: {name}"
        yield f"application: {t['maps_label'].format(layer=name)}"


@languages
def test_every_name_of_the_page_is_exact(desktop: Screen, url: str, two: FilePayload, language: str):
    page, t = desktop.page, TEXTS[language]
    close = f"button: {t['close']} ({t['close']})"
    always = first_view(t, t["pen_widths"][2])

    page.goto(f"{url}/?lang={language}")
    expect(page.locator("#pen")).to_have_attribute("data-size", "2")
    assert names(desktop) == always

    desktop.write(7)
    expect(page.locator(".digit")).to_have_text("7")
    always += Counter([f"image: {t['seen_alt']}"])
    assert names(desktop) == always

    page.locator("[popovertarget=samples]").click()
    expect(page.locator("#samples button").last).to_be_visible()
    samples = [f"button: {t['sample'].format(digit=digit)}" for digit in range(10)]
    assert names(desktop) - always == Counter([f"group: {t['samples']}", *samples])
    page.keyboard.press("Escape")

    page.locator("#correct").click()
    expect(page.locator("#correction")).to_be_visible()
    labels = [f"button: {label}" for label in (*range(10), t["no_digit"])]
    ask = t["correct_ask"]
    assert names(desktop) - always == Counter([f"dialog: {ask}", f"heading: {ask}", close, *labels])
    page.keyboard.press("Escape")

    page.locator("[aria-controls=request]").click()
    request = t["request"]
    copies = [f"button: {t['copy_code']} ({code})" for code in ("curl", "Python", "JavaScript")]
    docs = f"link: {t['request_docs']}"
    assert names(desktop) - always == Counter([f"region: {request}", f"heading: {request}", close, docs, *copies])
    page.keyboard.press("Escape")  # closes the panel

    page.locator("[aria-controls=inside]").click()
    expect(page.locator(".neurons tbody tr")).to_have_count(12)
    expect(page.locator(".layers figcaption")).to_be_visible()
    headings = [t["inside"], t["steps"], t["neurons"]]
    parts = [f"region: {t['inside']}", f"region: {t['steps']}", f"group: {t['neurons']}", close]
    images = [f"image: {t['digit_view']}", f"image: {t['filters']}"]
    inside = Counter([*parts, *images, *(f"heading: {words}" for words in headings), *layers(t)])
    assert names(desktop) - always == inside
    page.locator("#inside .layers canvas[tabindex]").first.hover(position={"x": 20, "y": 20})
    expect(page.locator(".factors")).to_be_visible()
    assert names(desktop) - always - inside == Counter([f"image: {t['window']}", f"image: {t['filter']}"])
    page.locator("[aria-controls=inside]").click()

    page.locator("#file").set_input_files([two, two])
    expect(page.locator("#pictures tbody")).not_to_contain_text(t["remark_waiting"])
    pictures = [f"{role}: {t['pictures']}" for role in ("region", "heading", "group")]
    saves = [f"button: {t['save_csv']}", f"button: {t['save_json']}"]
    assert names(desktop) - always == Counter([*pictures, f"table: {t['pictures_caption']}", *saves, close])
    page.locator("#pictures .close").click()
    assert names(desktop) == always


@languages
def test_every_name_of_a_number_is_exact(desktop: Screen, url: str, page_of_numbers: FilePayload, language: str):
    page, t = desktop.page, TEXTS[language]
    page.goto(f"{url}/?lang={language}")
    read_as(desktop, "40\n7", doubtful=(1,))
    desktop.draw(DOT)
    expect(page.locator(".number")).to_be_visible()
    doubt = t["ambiguous"].format(first=t["digits"][0], second=t["digits"][5])
    said = ["50.0\xa0%", doubt, "50.0\xa0%"]
    options = [
        f"option: {digit}, {t['place'].format(place=place, count=3)}, {words}"
        for place, (digit, words) in enumerate(zip((4, 0, 7), said, strict=True), 1)
    ]
    lines = [f"group: {t['line'].format(line=line, count=2)}" for line in (1, 2)]
    number = Counter([f"listbox: {t['number_digits']}", *lines, *options])
    always = first_view(t, t["pen_widths"][2])
    assert names(desktop) - Counter([f"image: {t['seen_alt']}"]) == always + number
    page.unroute(READ)
    read_as(desktop, "40\n7", doubtful=(1,))
    page.locator("#file").set_input_files(page_of_numbers)
    expect(page.locator("#zoom")).to_be_visible()
    zooms = [f"button: {t[name]} ({t[name]})" for name in ("zoom_in", "zoom_out")]
    picture = Counter([f"image: {page_of_numbers['name']}", f"group: {t['zoom']}", *zooms])
    assert names(desktop) - Counter([f"image: {t['seen_alt']}"]) == always + number + picture


@languages
def test_every_name_of_the_programmers_page_is_exact(desktop: Screen, url: str, language: str):
    words = WORDS[language]
    desktop.page.goto(f"{url}/docs?lang={language}")
    desktop.page.locator("details").evaluate_all("all => all.forEach((details) => (details.open = true))")
    found = names(desktop)
    tags = [words["prose"].get(tag["name"], tag["name"]) for tag in API["tags"]]
    parts = [words["title"], words["quick_start"], "curl", "Python", "JavaScript", *tags]
    headings = {
        f"heading: {name}" for name in (*parts, *OPERATIONS, words["parameters"], words["body"], words["answers"])
    }
    links = {f"link: {name}" for name in (words["home"], words["other_language"], "OpenAPI")}
    articles = {f"article: {operation}" for operation in OPERATIONS}
    assert {
        name for name in found if name.startswith(("heading: ", "link: ", "article: "))
    } == headings | links | articles
    assert found[f"RootWebArea: {words['title']}: {words['home']}"] == 1
