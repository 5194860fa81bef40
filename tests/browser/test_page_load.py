"""The size, the requests and the layout of the first view."""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Browser, expect

from service.web.pages import MODULES
from tests.browser.conftest import opened
from tests.browser.pointers import Mouse
from tests.browser.screen import Screen

MOST_BYTES = 60_000


def loaded(screen: Screen) -> list[str]:
    """List the URLs of everything that the page loaded."""
    return screen.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")


def test_the_first_view_is_under_60_kb_compressed(browser: Browser, url: str):
    context = browser.new_context()  # with an empty cache
    with opened(context, url, Mouse) as screen:
        sent = "performance.getEntries().reduce((bytes, { encodedBodySize = 0 }) => bytes + encodedBodySize, 0)"
        assert 10_000 < screen.page.evaluate(sent) < MOST_BYTES
    context.close()


def test_the_document_names_everything_that_the_page_loads(desktop: Screen, url: str):
    named = set(re.findall(r'(?:href|src)="(static/[^"]+)"', requests.get(url, timeout=10).text))
    assert {
        address.removeprefix(f"{url}/") for address in loaded(desktop)
    } <= named  # so that one round trip loads everything
    assert {f"static/{module}" for module in MODULES} <= named


def test_nothing_moves_at_any_point_of_a_slow_load(screen: Screen, url: str):
    page = screen.page.context.new_page()
    page.route("**/draw/main.js*", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(url)
    document = requests.get(url, timeout=10).text
    body = document[document.index("<body>") + len("<body>") :]
    whole, *parts = page.evaluate(
        """(bodies) => bodies.map((html) => {
            document.body.innerHTML = html;
            const parts = [...document.body.querySelectorAll("*")];
            return parts.filter((part) => part.checkVisibility({ visibilityProperty: true })).flatMap((part) => {
                const { x, y, width, height } = part.getBoundingClientRect();
                return width * height ? [`${part.outerHTML.match(/<[^>]*>/)[0]} at ${x}, ${y}`] : [];
            });
        })""",
        [body, *(body[: tag.start()] for tag in re.finditer("<[a-z]", body))],
    )
    page.close()
    assert len(parts) > len(whole) > 50
    assert set().union(*parts) - set(whole) == set()


def test_nothing_shifts_during_loading_and_drawing(screen: Screen, url: str):
    # Except for the hint to draw, which the text beside the digit replaces.
    screen.page.add_init_script("""
        window.shifts = [];
        new PerformanceObserver((list) => {
            for (const { value, hadRecentInput, sources } of list.getEntries()) {
                const words = document.querySelector(".words");
                const moved = sources.map(({ node }) => node).filter((node) => !words?.contains(node));
                if (!hadRecentInput && moved.length) shifts.push([value, ...moved.map((node) => node?.outerHTML)]);
            }
        }).observe({ type: "layout-shift", buffered: true });
    """)
    screen.page.goto(url)
    screen.write(7)
    expect(screen.page.locator(".digit")).to_have_text("7")
    assert screen.page.evaluate("shifts") == []
