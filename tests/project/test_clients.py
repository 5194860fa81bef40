"""The examples of docs/clients.md work as shown."""

import json
import re
import subprocess
import sys

import pytest

from tests.serving import ROOT

TEXT = (ROOT / "docs" / "clients.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.S)
PYTHON = [number for number, (language, _) in enumerate(BLOCKS) if language == "python"]


def run(command, url):
    address = url.removeprefix("http://").replace("127.0.0.1", "localhost")
    parts = [part.replace("localhost:8000", address) for part in command]
    ended = subprocess.run(parts, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("number", PYTHON)
def test_each_python_example_prints_the_output_shown(url, number):
    (language, code), (after, shown) = BLOCKS[number : number + 2]
    assert (language, after) == ("python", "text")
    assert run([sys.executable, "-c", code], url) == shown


def test_each_curl_example_reads_its_picture(url):
    (code,) = (code for language, code in BLOCKS if language == "sh")
    commands = re.split(r"\n(?=curl)", code.strip())
    assert len(commands) == 6
    one, two, number, inference, tensorflow, numbers = (
        json.loads(run(["bash", "-c", command], url)) for command in commands
    )
    assert one["digit"] == 7
    assert [item["digit"] for item in two["predictions"]] == [7, 7]
    assert number["number"] == numbers["predictions"][0] == "4071"
    assert inference["outputs"][1]["data"] == [7]
    assert max(tensorflow["predictions"][0]) == tensorflow["predictions"][0][7]
