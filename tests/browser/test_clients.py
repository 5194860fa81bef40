"""The JavaScript of docs/clients.md, in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext

from tests.serving import ROOT


def test_the_javascript_example_reads_a_seven(desktop_context: BrowserContext, url: str) -> None:
    (code,) = re.findall(r"```js\n(.*?)```", (ROOT / "docs" / "clients.md").read_text(), re.S)
    page = desktop_context.new_page()
    page.goto(f"{url}/docs")
    with page.expect_console_message() as message:
        page.evaluate("async () => {" + code.replace("http://localhost:8000", url) + "}")
    assert message.value.text == "7"
    page.close()
