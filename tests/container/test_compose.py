"""`docker-compose.yml` is valid, and confines the service as verify.py sees it confined.

compose-spec.json is the Compose Specification's schema (Apache-2.0, compose-spec.LICENSE), as vendored by the PyPI
package check-jsonschema 0.39.0.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from gunicorn.config import GracefulTimeout
from jsonschema import Draft202012Validator

from models.registry.corrections import DEFAULT_URL
from models.registry.store import ARTIFACTS
from service.config import Config, variable

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_bytes())


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture
def digits(compose: Any) -> Any:
    return compose["services"]["digits"]


def faults(compose: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(compose)]


def test_compose_file_follows_the_compose_specification(compose: Any) -> None:
    assert faults(compose) == []


def test_schema_would_see_a_misspelt_key(compose: Any, digits: Any) -> None:
    digits["read_onyl"] = digits.pop("read_only")
    assert any("read_onyl" in fault for fault in faults(compose))


def test_port_8000_reaches_the_service(digits: Any) -> None:
    assert digits["ports"] == ["8000:8000"]


def test_service_can_write_nowhere_but_tmp(digits: Any) -> None:
    assert digits["read_only"] is True
    assert digits["tmpfs"] == "/tmp"


def test_service_has_no_privileges_and_can_gain_none(digits: Any) -> None:
    assert digits["cap_drop"] == ["ALL"]
    assert digits["security_opt"] == ["no-new-privileges:true"]
    assert not digits.keys() & {"privileged", "cap_add", "user", "devices", "network_mode", "pid"}


def test_models_of_the_checkout_are_mounted_where_the_code_looks_and_read_only(digits: Any) -> None:
    inside = ARTIFACTS.relative_to(ROOT)
    assert digits["volumes"][0] == f"./{inside}:/app/{inside}:ro"


def test_corrections_outlive_the_container_where_the_service_keeps_them(compose: Any, digits: Any) -> None:
    folder = Path(DEFAULT_URL.removeprefix("sqlite:///")).parent
    assert digits["volumes"][1] == f"corrections:/app/{folder}"
    assert "corrections" in compose["volumes"]
    assert f"/app/{folder}" in (ROOT / "Dockerfile").read_text()


def test_every_setting_that_makes_sense_in_a_container_is_passed_on_and_none_is_invented(digits: Any) -> None:
    inside = {"HOST", "PORT", "DIGITS_MODELS"}
    assert digits["environment"] == dict.fromkeys({variable(field.name) for field in fields(Config)} - inside)


def test_health_is_the_image_s_own_check(digits: Any) -> None:
    assert digits["healthcheck"].keys() == {"interval"}


def test_service_comes_back_by_itself(digits: Any) -> None:
    assert digits["restart"] == "unless-stopped"


def test_requests_under_way_are_answered_before_the_service_is_killed(digits: Any) -> None:
    assert int(digits["stop_grace_period"].removesuffix("s")) > GracefulTimeout.default


def test_those_who_watch_come_only_when_asked_for_and_only_this_machine_reaches_them(compose: Any) -> None:
    watchers = [service for service in compose["services"].values() if service.get("profiles") == ["watch"]]
    assert watchers == [compose["services"]["prometheus"], compose["services"]["grafana"]]
    for service in watchers:
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["cap_drop"] == ["ALL"]


def test_every_file_that_is_mounted_is_there(compose: Any) -> None:
    mounts = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    for source in (mount.partition(":")[0] for mount in mounts):
        assert (ROOT / source).exists() if source.startswith(".") else source in compose["volumes"]


def test_prometheus_scrapes_the_service_by_its_name_and_port(compose: Any, digits: Any) -> None:
    (job,) = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    (target,) = job["dns_sd_configs"]
    assert target["names"] == ["digits"]
    assert digits["ports"] == [f"8000:{target['port']}"]


def test_grafana_s_source_is_the_one_that_the_dashboard_asks(compose: Any) -> None:
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/datasources.yml").read_text())["datasources"]
    dashboard = json.loads((ROOT / "deploy/grafana/dashboard.json").read_bytes())
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"
