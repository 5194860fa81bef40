"""Upload several pictures at once."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import FilePayload, expect

from model_training.data.dataset import Splits
from tests.browser.screen import PREDICT, READ, Screen
from tests.browser.test_uploading import NOT_A_PICTURE

UNREACHABLE = "The service cannot be reached. Trying again."


@pytest.fixture
def several(screen: Screen, splits: Splits, encode: Callable[..., bytes]) -> Screen:
    """The page after an upload of a 7, a 2, and a file that is not a picture."""
    files: list[FilePayload] = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": encode(digit)}
        for name, digit in zip(["first", 'with "quotes", too'], splits.test.digits, strict=False)
    ]
    files.append({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"seven"})
    screen.page.get_by_label("Upload pictures", exact=True).set_input_files(files)
    return screen


def saved(screen: Screen, button: str) -> str:
    with screen.page.expect_download() as download:
        screen.page.get_by_role("button", name=button, exact=True).click()
    return download.value.path().read_text("utf-8-sig")


def test_several_pictures_become_a_table(several: Screen):
    cells = several.page.locator("#pictures tbody :is(th, td)")
    expect(cells).to_have_text(
        ["first.png", "7", "99.9 %", "", 'with "quotes", too.png', "2", "99.9 %", "",
         "notes.txt", "", "", NOT_A_PICTURE]
    )  # fmt: skip
    expect(several.page.locator("#pictures")).to_be_in_viewport()
    several.forgive_failed_requests()


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_the_table_is_saved_as_csv(several: Screen):
    expect(several.page.locator("#pictures tbody")).not_to_contain_text("Waiting")
    first, second, third = csv.DictReader(io.StringIO(saved(several, "Save as CSV")))
    assert (first["file"], first["digit"], first["accepted"]) == ("first.png", "7", "true")
    assert (second["file"], second["digit"]) == ('with "quotes", too.png', "2")
    assert third["digit"] == ""
    assert third["error"] == NOT_A_PICTURE
    several.forgive_failed_requests()


@pytest.mark.parametrize("screen", ["desktop"], indirect=True)
def test_the_table_is_saved_as_json(several: Screen):
    expect(several.page.locator("#pictures tbody")).not_to_contain_text("Waiting")
    first, second, third = json.loads(saved(several, "Save as JSON"))
    assert (first["digit"], second["digit"]) == (7, 2)
    assert sum(first["probabilities"]) == pytest.approx(1)
    assert third.keys() == {"file", "error"}
    several.forgive_failed_requests()


@pytest.fixture
def unreachable(desktop: Screen, two: FilePayload) -> Screen:
    """The page after an upload of two pictures to a service that does not answer."""
    desktop.page.route(PREDICT, lambda route: route.abort())
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files([two, two])
    expect(desktop.page.locator("#pictures tbody td:last-child")).to_have_text([UNREACHABLE, UNREACHABLE])
    return desktop


def test_pictures_are_read_once_the_service_answers(unreachable: Screen):
    errors = [row["error"] for row in csv.DictReader(io.StringIO(saved(unreachable, "Save as CSV")))]
    assert errors == ["Not read: the service could not be reached"] * 2
    unreachable.page.unroute(PREDICT)
    expect(unreachable.page.locator("#pictures tbody td:nth-of-type(1)")).to_have_text(["2", "2"])
    errors = [row["error"] for row in csv.DictReader(io.StringIO(saved(unreachable, "Save as CSV")))]
    assert errors == ["", ""]
    unreachable.forgive_failed_requests()


@pytest.mark.parametrize("key", [None, "Escape"])
def test_the_table_can_be_closed_and_asks_no_more(unreachable: Screen, key: str | None):
    if key:
        unreachable.page.keyboard.press(key)
    else:
        unreachable.page.get_by_role("button", name="Close", exact=True).click()
    expect(unreachable.page.locator("#pictures")).to_be_hidden()
    asked: list[str] = []
    unreachable.page.on("request", lambda request: asked.append(request.url))
    unreachable.page.clock.install()
    unreachable.page.clock.run_for(60_000)
    assert asked == []
    unreachable.forgive_failed_requests()


def test_what_is_no_digit_has_no_confidence(desktop: Screen, two: FilePayload):
    desktop.answer_with(digit=3, reason="not_a_digit", confidence=0.978)
    reading = {"number": "", "digits": [], "lines": [], "accepted": False, "reason": "not_a_number"}
    desktop.page.route(READ, lambda route: route.fulfill(json=reading))
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files([two, two])
    cells = desktop.page.locator("#pictures tbody td")
    expect(cells).to_have_text(["", "", "Not a digit"] * 2)


def test_progress_is_shown_in_the_table(desktop: Screen, encode: Callable[..., bytes]):
    session = desktop.page.context.new_cdp_session(desktop.page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 40_000}
    session.send("Network.emulateNetworkConditions", slow)
    noise = encode(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8))
    files: list[FilePayload] = [{"name": "noise.png", "mimeType": "image/png", "buffer": noise}] * 2
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(files)
    expect(desktop.page.locator("#pictures tbody td:last-child").first).to_have_text(
        re.compile(r"^Sending: [1-9]\d? %$")
    )
    session.detach()
