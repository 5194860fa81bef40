from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, sync_playwright

from tests.browser import chromium, digits
from tests.browser.hands import Fingers, Hand, Mouse
from tests.browser.screen import Screen


@pytest.fixture(scope="package")  # not longer: Playwright's event loop runs as long, and other tests have their own
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.arguments())
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def desktop_context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1280, "height": 800})


@pytest.fixture(scope="package")
def phone_context(browser: Browser) -> BrowserContext:
    viewport: ViewportSize = {"width": 390, "height": 844}
    return browser.new_context(viewport=viewport, device_scale_factor=3, is_mobile=True, has_touch=True)


@contextmanager
def opened(context: BrowserContext, url: str, hand: Callable[[Page], Hand]) -> Iterator[Screen]:
    """The page in a tab of its own; nothing may have been complained of at the end."""
    page = context.new_page()
    screen = Screen(page, hand(page), url)
    yield screen
    page.close()
    assert screen.complaints == []


@pytest.fixture
def desktop(desktop_context: BrowserContext, url: str) -> Iterator[Screen]:
    with opened(desktop_context, url, Mouse) as screen:
        yield screen


@pytest.fixture
def phone(phone_context: BrowserContext, url: str) -> Iterator[Screen]:
    with opened(phone_context, url, Fingers) as screen:
        yield screen


@pytest.fixture(params=["desktop", "phone"])
def screen(request: pytest.FixtureRequest) -> Screen:
    """Either of them in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def two(encode: Callable[..., bytes]) -> FilePayload:
    """A 2 in blue ballpoint on cream paper."""
    paper = Image.new("RGB", (640, 480), (240, 234, 216))
    (stroke,) = digits.strokes(2)
    ImageDraw.Draw(paper).line([(200 + 240 * x, 80 + 320 * y) for x, y in stroke], (36, 48, 120), 20, "curve")
    return {"name": "two.png", "mimeType": "image/png", "buffer": encode(paper)}
