"""README's examples, tables and figures are true."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from models.registry.store import ARTIFACTS
from service.config import Config, variable
from tests import serving
from tests.serving import ROOT

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
HERE = "http://localhost:8000"


@pytest.fixture(scope="module")
def url():
    """Serve the stable version, as a newcomer does."""
    with serving.service(DIGITS_MODELS=str(ARTIFACTS / "digits")) as (url, _):
        yield url


def following(language, after):
    """Find the first block in a language after another block."""
    return next(code for name, code in BLOCKS[BLOCKS.index(after) + 1 :] if name == language)


def rows(heading):
    """Read the cells of the table in a section, without its head."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def run(command, url, **options):
    return subprocess.run(
        [part.replace(HERE, url) for part in command], cwd=ROOT, capture_output=True, text=True, check=True, **options
    ).stdout


def shape(value):
    """Reduce a response to its keys and types, but keep the digit and whether it is accepted."""
    kept = ("digit", "accepted", "reason", "model")
    return {key: item if key in kept else type(item) for key, item in value.items()}


def test_the_response_to_the_first_example_is_the_one_shown(url):
    block = next(block for block in BLOCKS if "--data-binary" in block[1])
    answer = json.loads(run(["bash", "-c", block[1]], url))
    shown = json.loads(following("json", block))
    assert shape(answer) == shape(shown)
    assert answer["probabilities"] == pytest.approx(shown["probabilities"], abs=0.01)


def test_every_curl_example_reads_a_seven(url):
    examples = [code for name, code in BLOCKS if name == "sh" and "curl" in code and "/predict" in code]
    assert len(examples) == 2
    for code in examples:
        answer = json.loads(run(["bash", "-c", code], url))
        assert [item["digit"] for item in answer.get("predictions", [answer])] == [7] * code.count("@")


def test_tensorflow_serving_s_example_reads_a_seven(url):
    (code,) = (code for name, code in BLOCKS if name == "sh" and ":predict" in code)
    (probabilities,) = json.loads(run(["bash", "-c", code], url))["predictions"]
    assert max(range(10), key=probabilities.__getitem__) == 7


def test_every_python_example_prints_the_output_shown(url):
    examples = [block for block in BLOCKS if block[0] == "python"]
    assert examples
    for block in examples:
        assert run([sys.executable, "-W", "error", "-c", block[1]], url) == following("text", block)


def test_the_table_of_settings_is_that_of_the_code():
    table = {name.strip("`"): default for name, default, _ in rows("Settings")}
    assert list(table) == [variable(setting.name) for setting in fields(Config)]
    defaults = Config()
    for setting in fields(Config):
        value = getattr(defaults, setting.name)
        if setting.name == "workers":
            continue
        text = str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)
        assert table[variable(setting.name)] == ("none" if value in (None, ()) else f"`{text}`")


def test_the_table_of_commands_is_that_of_the_makefile():
    targets = dict(re.findall(r"^([\w-]+):.*##\s+(.+)$", MAKEFILE.replace("`", ""), re.M))
    table = {command.strip("`").removeprefix("make "): what.replace("`", "") for command, what in rows("Commands")}
    assert table == targets
    mentioned = set(re.findall(r"\bmake ([a-z-]+)", README)) - {"check"}
    assert mentioned <= targets.keys()


def test_the_tree_names_every_folder_of_the_packages():
    tree = next(code for name, code in BLOCKS if name == "text" and code.startswith("service/ "))
    package, shown = "", set()
    for indent, name in re.findall(r"^( *)(\S+)", tree, re.M):
        path = package + name if indent else name
        assert (ROOT / path).exists(), path
        shown.add(path)
        package = package if indent else name
    for package in ("models", "model_training", "service"):
        folders = {f"{package}/{path.parent.name}/" for path in (ROOT / package).glob("*/__init__.py")}
        assert folders <= shown, folders - shown


def test_accuracy_and_calibration_are_those_of_the_committed_report():
    report = json.loads((ROOT / "models/artifacts/digits/1/report.json").read_text())
    (row,) = [row for row in rows("Train") if row[0] == "`cnn`"]
    assert row[2] == f"{report['test']['accuracy']:.2%}".replace("%", " %")
    assert row[3] == f"{report['test']['ece']:.2%}".replace("%", " %")


def test_the_speeds_are_those_of_the_committed_measurement():
    measured = json.loads((ROOT / "docs/benchmark.json").read_text())
    servers = {server["title"]: server for server in measured["servers"]}
    for title, *shown, p99, memory in rows("Speed"):
        loads = {load["concurrency"]: load for load in servers[title]["loads"] if load["payload"] == "mnist"}
        assert shown == [f"{loads[n]['requests_per_second']['median']:,.0f}" for n in (1, 16, 64)]
        assert p99 == f"{loads[64]['p99_ms']['median']:.0f}"
        assert memory == f"{servers[title]['memory_mib']['median']:.0f}"
    assert f"On {measured['date'][:10]}" in README
