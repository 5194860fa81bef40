"""The committed bills of materials are valid, and those of the locks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.locks.bill_of_materials import BILLS, text

pytestmark = pytest.mark.parametrize("bill", BILLS, ids=lambda bill: bill.stem)


def without_licences(document: str) -> dict[str, Any]:
    parsed = json.loads(document)
    for component in parsed["components"]:
        component.pop("licenses", None)
    return parsed


def licences(document: str) -> dict[str, Any]:
    return {each["purl"]: each.get("licenses") for each in json.loads(document)["components"]}


def test_is_valid_cyclonedx(bill: Path) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill.read_text()) is None


def test_is_that_of_the_lock(bill: Path) -> None:
    assert without_licences(bill.read_text()) == without_licences(text(BILLS[bill])), "run `make sbom`"


def test_each_licence_is_the_one_that_the_package_declares(bill: Path) -> None:
    here = licences(text(BILLS[bill]))
    both = {purl: told for purl, told in licences(bill.read_text()).items() if told and here[purl]}
    assert len(both) > 20
    assert both == {purl: here[purl] for purl in both}, "run `make sbom`"


def test_has_each_release_of_the_lock_with_the_hashes_of_all_its_files(bill: Path) -> None:
    lock = BILLS[bill].read_text()
    components = json.loads(bill.read_text())["components"]
    assert {f"{each['name']}=={each['version']}" for each in components} == {
        line.split()[0] for line in lock.splitlines() if "==" in line and line[0].isalnum()
    }
    hashes = [found["content"] for each in components for found in each["hashes"]]
    assert sorted(hashes) == sorted(line.split("sha256:")[1][:64] for line in lock.splitlines() if "sha256:" in line)


def test_depends_on_each_requirement_of_the_project(bill: Path) -> None:
    graph = {each["ref"]: each.get("dependsOn", []) for each in json.loads(bill.read_text())["dependencies"]}
    assert any(ref.startswith("flask==") for ref in graph["digits"])
    (flask,) = (graph[ref] for ref in graph if ref.startswith("flask=="))
    assert {ref.split("==")[0] for ref in flask} >= {"werkzeug", "jinja2", "click"}
    reached, found = set(), ["digits"]
    while found:
        reached.add(ref := found.pop())
        found += [each for each in graph[ref] if each not in reached]
    assert reached == graph.keys()
