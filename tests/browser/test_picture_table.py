"""Upload several pictures at once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from model_training.data.dataset import Splits
from tests.browser.screen import Screen
from tests.browser.test_uploading import NOT_A_PICTURE


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
