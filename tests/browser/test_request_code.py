"""The latest request as code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.screen import PREDICT, Screen


def code(screen: Screen, language: str) -> str:
    return screen.page.locator(".code", has_text=language).locator("code").inner_text()


@pytest.fixture
def asked(desktop: Screen) -> Screen:
    """The page after a 7 with the panel of its request open."""
    desktop.write(7)
    expect(desktop.page.locator(".digit")).to_have_text("7")
    desktop.page.get_by_role("button", name="The request", exact=True).click()
    expect(desktop.page.locator(".code code").first).to_contain_text("base64")
    return desktop


def test_the_curl_command_sends_the_same_request(asked: Screen):
    command = ["bash", "-c", code(asked, "curl")]
    assert json.loads(subprocess.run(command, capture_output=True, check=True, timeout=20).stdout)["digit"] == 7


def test_the_python_program_sends_the_same_request(asked: Screen):
    command = [sys.executable, "-c", code(asked, "Python")]
    assert subprocess.run(command, capture_output=True, check=True, text=True, timeout=20).stdout == "7\n"


def test_the_javascript_program_sends_the_same_request(asked: Screen, url: str):
    page = asked.page.context.new_page()
    page.goto(f"{url}/docs")
    with page.expect_console_message() as message:
        page.evaluate("async () => {" + code(asked, "JavaScript") + "}")
    assert message.value.text == "7"
    page.close()


def test_code_for_an_uploaded_file_sends_the_file(asked: Screen, two: FilePayload, tmp_path: Path):
    (tmp_path / "two.png").write_bytes(two["buffer"])
    asked.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(asked.page.locator(".code code").first).to_contain_text("two.png")
    for language, command in (("curl", ["bash", "-c"]), ("Python", [sys.executable, "-c"])):
        output = subprocess.run(
            [*command, code(asked, language)], cwd=tmp_path, capture_output=True, check=True, text=True, timeout=20
        ).stdout
        assert (json.loads(output)["digit"] if language == "curl" else int(output)) == 2


def test_the_code_follows_the_drawing(asked: Screen):
    before = code(asked, "curl")
    asked.page.get_by_role("button", name="Clear", exact=True).click()
    with asked.page.expect_request(PREDICT):
        asked.write(3)
    expect(asked.page.locator(".code code").first).not_to_have_text(before)


def test_the_name_of_a_file_is_quoted_for_the_shell(asked: Screen):
    picture: FilePayload = {"name": "it's two.png", "mimeType": "image/png", "buffer": b""}
    asked.page.get_by_label("Upload pictures", exact=True).set_input_files(picture)
    expect(asked.page.locator(".code code").first).to_contain_text("""curl -F 'image=@"it'\\''s two.png"'""")
    expect(asked.words).to_contain_text("This is not a PNG")
    asked.forgive_failed_requests()


def test_the_code_can_be_copied(asked: Screen):
    asked.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asked.page.get_by_role("button", name="Copy", exact=True).nth(1).click()
    expect(asked.page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    assert asked.page.evaluate("navigator.clipboard.readText()") == code(asked, "Python")
    asked.page.context.clear_permissions()


def test_code_for_a_number_sends_its_strokes(asked: Screen):
    asked.page.get_by_role("button", name="Clear", exact=True).click()
    asked.write_number("42")
    expect(asked.number).to_have_text("42")
    expect(asked.page.locator(".code code").first).to_contain_text("strokes")
    for language, command in (("curl", ["bash", "-c"]), ("Python", [sys.executable, "-c"])):
        output = subprocess.run(
            [*command, code(asked, language)], capture_output=True, check=True, text=True, timeout=20
        ).stdout
        assert (json.loads(output)["number"] if language == "curl" else output.strip()) == "42"
    with asked.page.expect_console_message() as message:
        asked.page.evaluate("async () => {" + code(asked, "JavaScript") + "}")
    assert message.value.text == "42"
    asked.complaints.remove("42")
