"""The panel "Look inside" with the network's values for the current drawing."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import Route, expect

from tests import serving
from tests.browser.screen import Screen

LAYERS = [
    "From the drawing to the input",
    "Convolution 1",
    "Pooling 1",
    "Convolution 2",
    "Pooling 2",
    "Dense layer 1",
    "The strongest neurons",
]
SUM = re.compile(r"^(\d+) products add up to (\S+), with the bias of (\S+) to (\S+); after Relu: (\S+)\.$")


@pytest.fixture(scope="module")
def url():
    """Serve the textbook CNN, whose layers these tests know."""
    with serving.service(DIGITS_VERSION="1") as (url, _):
        yield url


@pytest.fixture
def opened(screen: Screen) -> Screen:
    """The page with the panel of a 7 fully loaded, so that nothing moves any more."""
    screen.write(7)
    screen.page.get_by_role("button", name="Look inside", exact=True).click()
    expect(screen.page.locator(".neurons tbody tr")).to_have_count(12)
    return screen


def number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def test_every_layer_is_shown_with_a_sentence(opened: Screen):
    headings = opened.page.locator("#inside h3")
    expect(headings).to_contain_text(LAYERS)
    expect(opened.page.locator("#inside .layer > p")).to_have_count(len(LAYERS) - 1)
    expect(opened.page.locator("#inside .digit-view .message")).to_have_text(
        "The bluer the ink, the more the answer depends on it."
    )
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_the_preprocessing_steps_are_shown(opened: Screen):
    expect(opened.page.locator(".steps figcaption")).to_have_text(
        ["Ink found", "Cropped, specks gone", "Pen width evened", "Scaled and centred in 28 by 28"]
    )
    sizes = "images => Promise.all(images.map(image => image.decode().then(() => image.naturalWidth)))"
    assert opened.page.locator(".steps img").evaluate_all(sizes)[-1] == 28


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_feature_maps_are_drawn_pixel_by_pixel(opened: Screen):
    for canvas in opened.page.locator("#inside .layers canvas").all():
        colors = canvas.evaluate("""(canvas) => {
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            return new Set(new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
        }""")
        assert 10 < colors < 300


@pytest.mark.parametrize(("screen", "layer", "products"), [("phone", 0, 25), ("desktop", 2, 800)], indirect=["screen"])
def test_selecting_a_cell_shows_the_sum_that_made_it(opened: Screen, layer: int, products: int):
    canvas = opened.page.locator("#inside .layers canvas[tabindex]").nth(layer)
    canvas.focus()
    for key in ["ArrowRight", *["ArrowDown"] * 3, *["ArrowRight"] * 4]:
        canvas.press(key)
    words = opened.page.locator("#inside .digit-view .message")
    expect(words).to_have_text(SUM)
    count, total, bias, with_bias, value = SUM.match(words.inner_text()).groups()  # type: ignore[union-attr]
    assert int(count) == products
    assert number(total) + number(bias) == pytest.approx(number(with_bias), abs=0.02)
    assert number(value) == pytest.approx(max(number(with_bias), 0), abs=0.02)


def test_a_layer_s_filters_are_fetched_when_a_cell_is_selected(desktop: Screen):
    asked: list[str] = []
    desktop.page.on("request", lambda request: asked.append(request.url.rpartition("/weights/")[2]))
    desktop.write(7)
    desktop.page.get_by_role("button", name="Look inside", exact=True).click()
    expect(
        desktop.page.get_by_label(
            "The patterns that its maps look for: ink where it is blue, none where it is grey", exact=True
        )
    ).to_be_visible()
    desktop.page.locator("#inside .layers canvas[tabindex]").nth(2).hover(position={"x": 20, "y": 20})
    expect(desktop.page.locator("#inside .digit-view .message")).to_contain_text("800 products")
    assert [layer for layer in asked if len(layer) == 1] == ["0", "2"]


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_the_mouse_selects_a_cell_until_it_leaves(opened: Screen):
    pooling = opened.page.locator("#inside .layers canvas[tabindex]").nth(1)
    words = opened.page.locator("#inside .digit-view .message")
    pooling.hover(position={"x": 20, "y": 20})
    expect(words).to_contain_text("computed from the pixels in the frame")
    opened.page.mouse.move(5, 5)
    expect(words).to_contain_text("The bluer the ink")


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_both_factors_of_a_sum_are_shown_side_by_side(opened: Screen):
    opened.page.locator("#inside .layers canvas[tabindex]").first.hover(position={"x": 20, "y": 20})
    factors = opened.page.locator("#inside .factors")
    expect(factors).to_be_visible()
    (left, right), room = (
        [canvas.bounding_box() for canvas in factors.locator("canvas").all()],
        opened.page.locator("#inside .digit-view").bounding_box(),
    )
    assert left
    assert right
    assert room
    assert left["x"] + left["width"] <= right["x"]
    assert right["x"] + right["width"] <= room["x"] + room["width"]


def test_the_panel_follows_the_drawing(opened: Screen):
    column = opened.page.locator(".neurons thead .candidate")
    expect(column).to_have_text("7")
    opened.page.get_by_role("button", name="Clear", exact=True).click()
    expect(opened.page.locator("#inside .lead")).to_contain_text("Draw a digit to see")
    opened.write(3)
    expect(column).to_have_text("3")


def test_a_closed_panel_fetches_nothing(desktop: Screen):
    asked: list[str] = []
    desktop.page.on("request", lambda request: asked.append(request.url))
    desktop.write(7)
    expect(desktop.page.locator(".digit")).to_have_text("7")
    assert not [url for url in asked if "explain" in url or "weights" in url]


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_the_last_row_decides_the_answer(opened: Screen, url: str):
    shown = [number(text) for text in opened.page.locator(".neurons tbody tr:last-child td").all_inner_texts()[1:]]
    strokes = {"strokes": [[[60, 60], [220, 60], [120, 240]]]}
    answer = requests.post(f"{url}/predict?explain=1", json=strokes, timeout=10).json()
    assert shown.index(max(shown)) == answer["digit"] == 7


@pytest.mark.parametrize("screen", ["phone"], indirect=True)
def test_a_tap_selects_a_cell_until_the_next_one(opened: Screen):
    maps = opened.page.locator("#inside .layers canvas[tabindex]").first
    words = opened.page.locator("#inside .digit-view .message")
    maps.tap(position={"x": 10, "y": 12})
    expect(words).to_have_text(SUM)  # though the finger has left
    expect(opened.page.locator("#inside .factors")).to_be_in_viewport(ratio=1)
    first = words.inner_text()
    maps.tap(position={"x": 30, "y": 20})
    expect(words).not_to_have_text(first)
    expect(words).to_have_text(SUM)
    opened.page.locator("#inside h3").nth(1).tap()
    expect(words).to_contain_text("The bluer the ink")


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_the_columns_of_the_neurons_add_up(opened: Screen):
    rows = [
        [number(text) for text in row.locator("td").all_inner_texts()[1:]]
        for row in opened.page.locator(".neurons tbody tr").all()
    ]
    for *parts, total in zip(*rows, strict=True):
        assert sum(parts) == pytest.approx(total, abs=0.001)


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_grey_is_explained_only_where_something_is_below_zero(opened: Screen):
    lead = opened.page.locator("#inside .lead")
    expect(lead).to_contain_text("The bluer a cell, the larger its value.")
    opened.page.get_by_role("button", name="Clear", exact=True).click()

    def lower(route: Route) -> None:
        answer = route.fetch().json()
        answer["explanation"]["layers"][1]["values"][0][0][0] = -1
        route.fulfill(json=answer)

    opened.page.route("**/predict?explain=1", lower)
    opened.write(7)
    expect(lead).to_contain_text("Blue is above zero, grey below.")
    expect(opened.page.locator(".neurons tbody tr")).to_have_count(12)
    opened.page.unroute("**/predict?explain=1", lower)


@pytest.mark.parametrize("width", [640, 768, 1024, 1280, 1440, 1920])
def test_maps_stand_close_together(desktop: Screen, width: int):
    desktop.page.set_viewport_size({"width": width, "height": 800})
    desktop.write(7)
    desktop.page.get_by_role("button", name="Look inside", exact=True).click()
    expect(desktop.page.locator(".neurons tbody tr")).to_have_count(12)
    for canvas in desktop.page.locator("#inside .layers canvas[tabindex]").all()[:4]:
        widest = canvas.evaluate("""(canvas) => {
            const { width } = canvas;
            const line = canvas.getContext("2d").getImageData(0, 0, width, 1).data;
            let widest = 0;
            for (let x = 0, gap = 0; x < width; x++) {
                gap = line[4 * x + 3] ? 0 : gap + 1;
                widest = Math.max(widest, gap);
            }
            return widest / devicePixelRatio;
        }""")
        assert 2 <= widest <= 12


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_escape_closes_the_panel_and_keeps_the_drawing(opened: Screen):
    opened.page.keyboard.press("Escape")
    expect(opened.page.locator("#inside")).to_be_hidden()
    expect(opened.page.get_by_role("button", name="Look inside", exact=True)).to_be_focused()
    expect(opened.page.locator(".digit")).to_have_text("7")


def test_the_panel_s_code_is_fetched_again_if_it_did_not_come(desktop: Screen):
    desktop.page.route("**/network_panel.js*", lambda route: route.abort())
    desktop.write(7)
    desktop.page.get_by_role("button", name="Look inside", exact=True).click()
    expect(desktop.page.locator("#inside .lead")).to_have_text("The service cannot be reached. Trying again.")
    desktop.page.unroute("**/network_panel.js*")
    expect(desktop.page.locator(".neurons tbody tr")).to_have_count(12)
    desktop.forgive_failed_requests()
