"""`docker-compose.yml` is valid and confines the service the way verify.py runs it.

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


def test_schema_rejects_a_misspelt_key(compose: Any, digits: Any) -> None:
    digits["read_onyl"] = digits.pop("read_only")
    assert any("read_onyl" in fault for fault in faults(compose))


def test_port_8000_reaches_the_service(digits: Any) -> None:
    assert digits["ports"] == ["8000:8000"]


def test_service_can_write_only_to_tmp(digits: Any) -> None:
    assert digits["read_only"] is True
    assert digits["tmpfs"] == "/tmp"


def test_service_has_no_privileges_and_can_gain_none(digits: Any) -> None:
    assert digits["cap_drop"] == ["ALL"]
    assert digits["security_opt"] == ["no-new-privileges:true"]
    assert not digits.keys() & {"privileged", "cap_add", "user", "devices", "network_mode", "pid"}


def test_the_checkout_s_models_are_mounted_read_only_where_the_code_looks(digits: Any) -> None:
    inside = ARTIFACTS.relative_to(ROOT)
    assert digits["volumes"][0] == f"./{inside}:/app/{inside}:ro"


def test_corrections_outlive_the_container(compose: Any, digits: Any) -> None:
    folder = Path(DEFAULT_URL.removeprefix("sqlite:///")).parent
    assert digits["volumes"][1] == f"corrections:/app/{folder}"
    assert "corrections" in compose["volumes"]
    assert f"/app/{folder}" in (ROOT / "Dockerfile").read_text()


def test_every_setting_that_applies_in_a_container_is_passed_on(digits: Any) -> None:
    inside = {"HOST", "PORT", "DIGITS_MODELS", "DIGITS_NUMBERS"}
    assert digits["environment"] == dict.fromkeys({variable(field.name) for field in fields(Config)} - inside)


def test_the_health_check_is_the_image_s(digits: Any) -> None:
    assert digits["healthcheck"].keys() == {"interval"}


def test_service_restarts_by_itself(digits: Any) -> None:
    assert digits["restart"] == "unless-stopped"


def test_active_requests_are_answered_before_the_service_is_killed(digits: Any) -> None:
    assert int(digits["stop_grace_period"].removesuffix("s")) > GracefulTimeout.default


def test_prometheus_and_grafana_run_only_in_their_profile_and_for_this_machine_alone(compose: Any) -> None:
    watchers = [service for service in compose["services"].values() if service.get("profiles") == ["watch"]]
    assert watchers == [compose["services"]["prometheus"], compose["services"]["grafana"]]
    for service in watchers:
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["cap_drop"] == ["ALL"]


def test_every_mounted_file_exists(compose: Any) -> None:
    mounts = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    for source in (mount.partition(":")[0] for mount in mounts):
        assert (ROOT / source).exists() if source.startswith(".") else source in compose["volumes"]


def test_prometheus_scrapes_the_service_by_its_name_and_port(compose: Any, digits: Any) -> None:
    (job,) = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    (target,) = job["dns_sd_configs"]
    assert target["names"] == ["digits"]
    assert digits["ports"] == [f"8000:{target['port']}"]


def test_the_dashboard_s_data_source_is_configured_in_grafana(compose: Any) -> None:
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/datasources.yml").read_text())["datasources"]
    dashboard = json.loads((ROOT / "deploy/grafana/dashboard.json").read_bytes())
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"
