"""docs/security.md has the limits of the code, and names only files that exist."""

import importlib
import re
from dataclasses import fields
from datetime import timedelta

import pytest

from service.config import Config, variable
from tests.serving import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text()
UNITS = {"": 1, "B": 1, "B/s": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "Mi": 2**20, "%": 0.01, "s": 1, "h": 3600}
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in TEXT.split("## Limits\n")[1].split("\n## ")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| limit")
]


def value(name: str) -> object:
    """Return a setting's default, or the constant of a module that is named by the last part of its name."""
    if "." not in name:
        (setting,) = (field.name for field in fields(Config) if variable(field.name) == name)
        return getattr(Config(), setting)
    stem, constant = name.split(".")
    sources = [
        path for folder in ("models", "model_training", "service") for path in (ROOT / folder).rglob(f"{stem}.py")
    ]
    (path,) = (path for path in sources if re.search(rf"^{constant} = ", path.read_text(), re.M))
    return getattr(importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)), constant)


@pytest.mark.parametrize(("limit", "shown", "effect", "test"), ROWS, ids=[limit.split("`")[1] for limit, *_ in ROWS])
def test_each_limit_is_that_of_the_code_and_has_a_test(limit, shown, effect, test):
    (name,) = re.findall(r"`([\w.]+)`$", limit)
    held = value(name)
    if shown.startswith("none"):
        assert not held
    else:
        number, unit = re.match(r"([\d.,]+)(?: (B/s|[KMG]iB|Mi|ms|B|%|s|h)(?!\w)|)", shown).groups()
        factor = UNITS | {"ms": 1 if name.endswith("_MS") else 0.001}
        held = held.total_seconds() if isinstance(held, timedelta) else held
        assert float(number.replace(",", "")) * factor[unit or ""] == pytest.approx(held)
    assert effect
    assert (ROOT / test).exists()


def test_the_table_has_every_setting_that_limits_something():
    named = set(re.findall(r"`(DIGITS_\w+)`", " ".join(limit for limit, *_ in ROWS)))
    assert named >= {"DIGITS_DEADLINE_MS"} | {
        variable(field.name) for field in fields(Config) if field.name.startswith("max_")
    }


@pytest.mark.parametrize("document", ["docs/security.md", "SECURITY.md"])
def test_each_file_and_command_exists(document):
    text = (ROOT / document).read_text()
    named = set(re.findall(r"\b(?:tests|deploy|docs)/[\w./-]+\w", text)) | {"docker-compose.yml"}
    assert [path for path in named if not (ROOT / path).exists()] == []
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([\w-]+)", text)) <= targets
