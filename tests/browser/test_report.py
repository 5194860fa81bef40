"""The report in a browser, light and dark, on a desktop and a phone."""

import pytest


@pytest.fixture(
    params=[
        ("desktop_context", "light"),
        ("desktop_context", "dark"),
        ("phone_context", "light"),
        ("phone_context", "dark"),
    ]
)
def page(request, report):
    context, scheme = request.param
    page = request.getfixturevalue(context).new_page()
    page.emulate_media(color_scheme=scheme)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda message: complaints.append(message.url) if message.url.startswith("http") else None)
    page.goto((report / "index.html").as_uri())
    yield page
    page.close()
    assert complaints == []


def test_the_page_fits_and_every_picture_loads(page):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    pictures = "[...document.images]"
    assert page.evaluate(f"{pictures}.every(image => image.complete && image.naturalWidth > 0)")
    assert page.evaluate(f"{pictures}.filter(image => !image.alt).length") == 0


def test_a_click_or_a_key_shows_another_digit(page):
    shown = (
        "[...document.querySelectorAll('.maps')].filter(maps => maps.checkVisibility()).map(maps => maps.dataset.digit)"
    )
    assert page.evaluate(shown) == ["7"]
    page.locator(".choose label", has_text="3").click()
    assert page.evaluate(shown) == ["3"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(shown) == ["4"]


def test_text_contrasts_with_its_background(page):
    levels = page.evaluate(
        """() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]
            .map(color => Math.max(...color.match(/\\d+/g).slice(0, 3).map(Number)))"""
    )
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert (levels[0] > levels[1] + 200) if dark else (levels[1] > levels[0] + 200)
