"""docs/operations.md names only files, settings and alerts that exist."""

import re
from dataclasses import fields

import yaml

from service.config import Config, variable
from tests.serving import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()


def test_each_file_exists():
    named = set(re.findall(r"\b(?:tests|deploy|docs)/[\w./-]+\w", TEXT))
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_each_setting_exists():
    settings = {variable(field.name) for field in fields(Config)}
    assert set(re.findall(r"\b(DIGITS_[A-Z_]+|WORKERS)\b", TEXT)) <= settings


def test_each_alert_exists():
    (group,) = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    assert set(re.findall(r"`(Digits[A-Z]\w+)`", TEXT)) <= {rule["alert"] for rule in group["rules"]}
