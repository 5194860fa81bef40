"""The panel "Look inside" for the served network, which has other layers than the textbook CNN."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from models.registry.store import ARTIFACTS
from tests import serving
from tests.browser.screen import Screen
from tests.browser.test_network_panel import SUM, number


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the version with an output for non-digits."""
    with serving.service(DIGITS_MODELS=str(ARTIFACTS / "digits"), DIGITS_VERSION="3") as (url, _):
        yield url


def test_layers_sums_and_the_eleventh_output_are_shown(desktop: Screen):
    desktop.write(7)
    desktop.page.get_by_role("button", name="Look inside", exact=True).click()
    expect(desktop.page.locator("#inside .layers h3")).to_contain_text([f"Convolution {i}" for i in range(1, 8)])
    expect(desktop.page.locator(".neurons thead th").last).to_have_text("No digit")
    expect(desktop.page.locator(".neurons thead .candidate")).to_have_text("7")
    maps = desktop.page.locator("#inside .layers canvas[tabindex]").nth(5)
    maps.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight"):
        maps.press(key)
    words = desktop.page.locator("#inside .digit-view .message")
    expect(words).to_have_text(re.compile("^1600 products"))
    _, total, bias, with_bias, value = SUM.match(words.inner_text()).groups()  # type: ignore[union-attr]
    assert number(total) + number(bias) == pytest.approx(number(with_bias), abs=0.02)
    assert number(value) == pytest.approx(max(number(with_bias), 0), abs=0.02)


def test_the_ink_that_the_answer_depends_on_is_marked(desktop: Screen):
    desktop.write(7)
    desktop.page.get_by_role("button", name="Look inside", exact=True).click()
    expect(desktop.page.locator(".neurons tbody tr")).to_have_count(12)
    blue = desktop.page.locator("#inside .field").evaluate("""(canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let blue = 0;
        for (let i = 0; i < data.length; i += 4) blue += data[i + 2] - data[i] > 60;
        return (4 * blue) / data.length;
    }""")
    assert 0.01 < blue < 0.2  # some of the ink, and no background
