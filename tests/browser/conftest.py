from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, sync_playwright

from tests.browser import chromium, digits
from tests.browser.pointers import Fingers, Mouse, Pointer
from tests.browser.screen import Screen


@pytest.fixture(scope="package")  # not longer: Playwright's event loop runs as long, and other tests run their own
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
def opened(context: BrowserContext, url: str, pointer: Callable[[Page], Pointer]) -> Iterator[Screen]:
    """Open the page in its own tab; it must not complain until the end."""
    page = context.new_page()
    screen = Screen(page, pointer(page), url)
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
    """Each of the two in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def two(encode: Callable[..., bytes]) -> FilePayload:
    """A photo-like picture: a blue 2 on a cream background."""
    background = Image.new("RGB", (640, 480), (240, 234, 216))
    (stroke,) = digits.strokes(2)
    ImageDraw.Draw(background).line([(200 + 240 * x, 80 + 320 * y) for x, y in stroke], (36, 48, 120), 20, "curve")
    return {"name": "two.png", "mimeType": "image/png", "buffer": encode(background)}


@pytest.fixture(scope="session")
def page_of_numbers(encode: Callable[..., bytes]) -> FilePayload:
    """A photo-like picture of two lines: 4071 and 35, in blue ink on cream paper."""
    background = Image.new("RGB", (800, 600), (240, 234, 216))
    pen = ImageDraw.Draw(background)
    for row, line in enumerate(("4071", "35")):
        for place, digit in enumerate(line):
            for stroke in digits.strokes(int(digit)):
                points = [(80 + 130 * place + 150 * x, 80 + 240 * row + 180 * y) for x, y in stroke]
                pen.line(points, (36, 48, 120), 12, "curve")
    return {"name": "page.png", "mimeType": "image/png", "buffer": encode(background)}
