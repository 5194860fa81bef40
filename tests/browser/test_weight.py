"""How little the first view costs."""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Browser, expect

from service.web.pages import MODULES
from tests.browser.conftest import opened
from tests.browser.hands import Mouse
from tests.browser.screen import Screen

MOST_BYTES = 60_000


def loaded(screen: Screen) -> list[str]:
    """Addresses of everything that the page loaded."""
    return screen.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")


def test_the_first_view_is_under_60_kb_as_it_is_sent(browser: Browser, url: str):
    context = browser.new_context()  # whose cache is empty
    with opened(context, url, Mouse) as screen:
        sent = "performance.getEntries().reduce((bytes, { encodedBodySize = 0 }) => bytes + encodedBodySize, 0)"
        assert 10_000 < screen.page.evaluate(sent) < MOST_BYTES
    context.close()


def test_whatever_it_loads_the_page_itself_names(desktop: Screen, url: str):
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', requests.get(url, timeout=10).text))
    assert {address.removeprefix(url) for address in loaded(desktop)} <= named  # so one round trip brings it all
    assert {f"/static/{module}" for module in MODULES} <= named


def test_what_has_come_stays_where_it_is_wherever_a_slow_line_pauses(screen: Screen, url: str):
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


def test_nothing_shifts_while_it_loads_and_while_one_draws(screen: Screen, url: str):
    # But for the invitation to draw, which gives way to what is said beside the digit.
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
