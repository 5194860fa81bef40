"""The pages under a path of a site, behind nginx as docs/operations.md says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.screen import Screen
from tests.deploy.nginx import documented_locations, site
from tests.serving import ROOT


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, url: str) -> Iterator[str]:
    """Yield the address of the pages: each request to another one is a complaint."""
    with site(tmp_path_factory.mktemp("nginx"), documented_locations(url)) as address:
        yield f"{address}/digits"


def test_the_page_draws_reads_explains_and_corrects(screen: Screen):
    screen.write(7)
    expect(screen.page.locator(".digit")).to_have_text("7")
    screen.page.get_by_role("button", name="Look inside", exact=True).click()
    expect(screen.page.locator(".neurons tbody tr").first).to_be_visible()
    screen.page.get_by_role("button", name="Wrong? Fix it", exact=True).click()
    screen.page.get_by_role("dialog").get_by_role("button", name="7", exact=True).click()
    screen.page.get_by_role("button", name="Take it back", exact=True).click()
    expect(screen.page.get_by_text("Taken back")).to_be_visible()


def test_the_page_reads_uploads_and_switches_its_language(desktop: Screen, two: FilePayload):
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(desktop.page.locator(".digit")).to_have_text("2")
    desktop.page.locator("#language").click()
    expect(desktop.page).to_have_title("손글씨 숫자")


def test_the_code_of_the_request_asks_under_the_path(desktop: Screen):
    desktop.write(7)
    desktop.page.get_by_role("button", name="The request", exact=True).click()
    code = desktop.page.locator(".code code").first
    expect(code).to_contain_text("/digits/predict")
    answer = subprocess.run(["bash", "-c", code.inner_text()], capture_output=True, check=True, timeout=20).stdout
    assert json.loads(answer)["digit"] == 7


def test_the_examples_of_the_programmers_page_ask_under_the_path(desktop: Screen):
    desktop.page.get_by_role("link", name="For programmers", exact=True).click()
    examples = desktop.page.locator("#quick-start code")
    expect(examples.first).to_contain_text("/digits/predict")
    assert [text for text in examples.all_text_contents() if "localhost:8000" in text] == []
    python = examples.nth(1).text_content() or ""  # folded
    for name in ("seven", "number"):
        python = python.replace(f'"{name}.png"', f'"{ROOT}/docs/{name}.png"')
    said = subprocess.run([sys.executable, "-c", python], capture_output=True, check=True, text=True, timeout=20).stdout
    assert re.match("7\n4071 ", said)
    desktop.page.get_by_role("link", name="Handwritten digits", exact=True).click()
    expect(desktop.page.locator("#pad")).to_be_visible()


def test_the_page_can_be_installed_from_there(phone: Screen):
    session = phone.page.context.new_cdp_session(phone.page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["manifest"]["startUrl"] == phone.page.url
