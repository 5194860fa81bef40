"""The examples of docs/training.md and of its Korean translation work as shown, with the preset `tiny`.

Commands run in this process. `export` is only parsed here; tests/model_training/cli/ runs it.
"""

import contextlib
import io
import json
import re
import shlex
import shutil
import subprocess
import sys

import cv2
import pytest

from model_training.__main__ import main
from model_training.cli import arguments
from models.registry.store import ARTIFACTS, Store
from tests.serving import ROOT

ENGLISH, KOREAN = ((ROOT / "docs" / name).read_text() for name in ("training.md", "training.ko.md"))
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", ENGLISH, re.S)
COMMANDS = [
    shlex.split(line)[3:]
    for language, code in BLOCKS
    for line in code.splitlines()
    if language == "sh" and line.startswith("python -m model_training")
]
TINY = {"mlp": "tiny", "cnn": "tiny", "20": "2"}


def test_both_languages_have_the_same_examples_and_pictures():
    assert re.findall(r"```(\w+)\n(.*?)```", KOREAN, re.S) == BLOCKS
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", ENGLISH)
    assert re.findall(r"!\[.+?\]\((.+?)\)", KOREAN) == pictures
    assert len(re.findall(r"^## ", KOREAN, re.M)) == len(re.findall(r"^## ", ENGLISH, re.M))
    assert sorted(pictures) == sorted(f"training/{path.name}" for path in (ROOT / "docs/training").iterdir())


@pytest.mark.parametrize("code", [code for language, code in BLOCKS if language == "python"])
def test_every_python_example_prints_the_output_shown(code):
    shown = BLOCKS[BLOCKS.index(("python", code)) + 1]
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ("text", ended.stdout) == shown


def test_every_command_does_what_the_text_says(tmp_path, monkeypatch, splits):
    shutil.copytree(ARTIFACTS / "digits" / "1", tmp_path / "models" / "1")
    Store(tmp_path / "models").promote(1)
    (tmp_path / "docs").mkdir()
    shutil.copyfile(ROOT / "docs/seven.png", tmp_path / "docs/seven.png")
    (tmp_path / "my-digits/7").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "my-digits/7/any.png"), 255 - splits.test.digits[0])
    monkeypatch.chdir(tmp_path)
    results = {}
    for words in COMMANDS:
        typed = [TINY.get(word, word) for word in words]
        arguments.parse(typed)
        if typed[0] != "export":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = main([*typed, "--models", "models", "--quiet", "--json"])
            results[shlex.join(words)] = (status, json.loads(output.getvalue()))
    assert results["evaluate 1"][1]["test"]["accuracy"] == 0.9936
    assert results["report 1"][1]["mistakes"] == 64
    assert results["inspect 1 docs/seven.png"][1]["digit"] == 7
    assert results["evaluate 1 --data my-digits"][1]["all"]["accuracy"] == 1.0
    assert results["search --preset cnn --trials 20"][1]["trials"]
    assert results["rollback"][1]["version"] in (1, 2)
    assert (tmp_path / "reports/1/index.html").is_file()
    unusual = {command: status for command, (status, _) in results.items() if status}
    assert unusual == {"compare 1 2": 3}


def test_the_figures_are_those_of_version_1():
    report = json.loads((ARTIFACTS / "digits/1/report.json").read_text())
    assert f"{report['test']['accuracy']:.2%}".replace("%", " %") in ENGLISH
    assert f"at epoch {report['best_epoch']}" in ENGLISH
    assert "64 mistakes" in ENGLISH
