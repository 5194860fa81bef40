"""The JavaScript of docs/clients.md, in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext

from tests.serving import ROOT


def test_the_javascript_examples_read_a_seven_and_a_number(desktop_context: BrowserContext, url: str) -> None:
    examples = re.findall(r"```js\n(.*?)```", (ROOT / "docs" / "clients.md").read_text(), re.S)
    page = desktop_context.new_page()
    page.goto(f"{url}/docs")
    said = []
    for code in examples:
        with page.expect_console_message() as message:
            page.evaluate("async () => {" + code.replace("http://localhost:8000", url) + "}")
        said.append(message.value.text)
    assert said[0] == "7"
    assert said[1].startswith("71 7 "), "the number, then the first digit with its box"
    assert len(said) == 2
    page.close()
