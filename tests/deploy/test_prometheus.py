"""The alerts and the dashboard's queries, run by Prometheus itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from models.registry.store import ARTIFACTS, Store
from service.access import api_keys
from tests import serving
from tests.service.steady import Steady, until

DEPLOY = serving.ROOT / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_bytes())
QUERIES = {
    f"{panel['title']}: {target['legendFormat']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
}


def promtool(*arguments: str, folder: Path = ALERTS.parent) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_the_configuration_and_its_rules_are_valid(tmp_path):
    configured(tmp_path)
    for arguments in (("check", "config", "prometheus.yml"), ("check", "rules", "--lint-fatal", "alerts.yml")):
        ended = promtool(*arguments, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr


def test_each_alert_fires_when_it_should_and_only_then():
    ended = promtool("test", "rules", "alerts_test.yml")
    assert ended.returncode == 0, ended.stderr
    rules = [rule["alert"] for rule in yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]]
    tests = yaml.safe_load(ALERTS.with_name("alerts_test.yml").read_text())["tests"]
    assert {case["alertname"] for case in tests[0]["alert_rule_test"]} == set(rules)
    for rule in rules:
        assert f'alertname="{rule}"' in str(tests[1]["promql_expr_test"])


def test_an_alert_that_cannot_fire_fails_the_rules_test(tmp_path):
    (tmp_path / "alerts_test.yml").write_text(ALERTS.with_name("alerts_test.yml").read_text())
    (tmp_path / "alerts.yml").write_text(ALERTS.read_text().replace("digits_refused_versions", "digits_refused"))
    ended = promtool("test", "rules", "alerts_test.yml", folder=tmp_path)
    assert ended.returncode == 1
    assert "DigitsVersionRefused" in ended.stderr


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory, encode, splits) -> Iterator[str]:
    """Run Prometheus with the committed rules on a service with keys, two workers, load and a broken version."""
    folder = tmp_path_factory.mktemp("prometheus")
    store = Store(folder / "digits")
    for _ in range(3):
        store.publish(Store(ARTIFACTS / "digits").resolve(1))
    store.promote(1)
    store.promote(1, "canary")
    caller, scraper = (api_keys.add(folder / "keys.txt", name) for name in ("caller", "prometheus"))
    key = {"X-API-Key": caller}
    settings = {"WORKERS": "2", "DIGITS_MODELS": str(store.root), "DIGITS_SHADOW_SHARE": "100"}
    settings["DIGITS_KEYS"] = str(folder / "keys.txt")
    with serving.service(**settings) as (url, _):
        port = serving.free_port()
        config = configured(folder, scraper)
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        (job,) = config["scrape_configs"]
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [url.removeprefix("http://")]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        (folder / "alerts.yml").write_text(re.sub(r"for: \w+", "for: 0s", ALERTS.read_text()))
        command = ["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
        process = subprocess.Popen(
            [*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            with Steady(url, encode(splits.test.digits[0]), headers=key) as load:
                store.promote(2)
                load.await_version(2)
                (store.root / "3" / "network.tflite").write_bytes(b"broken")
                store.promote(3)
                blank = {"pixels": [[0] * 28] * 28}
                seven = [{"strokes": [[[60, 60], [220, 60], [120, 240]]]}] * 20

                def fired() -> bool:
                    """Whether the last alert fires; until then send what every other metric counts."""
                    for document in (blank, {"images": seven}):
                        requests.post(f"{url}/predict", json=document, headers=key, timeout=5)
                    requests.post(
                        f"{url}/predict", data=b"broken", headers=key | {"Content-Type": "image/png"}, timeout=5
                    )
                    return bool(answer(f"http://127.0.0.1:{port}", 'ALERTS{alertname="DigitsVersionRefused"}'))

                until(fired)
                yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=serving.PATIENCE)


def configured(folder: Path, key: str = "a key") -> dict[str, Any]:
    """Write the committed configuration, with its rules and a key, to a folder, and return it."""
    config = yaml.safe_load(ALERTS.with_name("prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    (folder / "key").write_text(key)
    job["authorization"]["credentials_file"] = str(folder / "key")
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (folder / "alerts.yml").write_text(ALERTS.read_text())
    return config


def test_compose_gives_prometheus_the_key_where_it_looks():
    compose = yaml.safe_load((serving.ROOT / "docker-compose.yml").read_text())
    (job,) = yaml.safe_load(ALERTS.with_name("prometheus.yml").read_text())["scrape_configs"]
    (secret,) = compose["services"]["prometheus"]["secrets"]
    assert job["authorization"]["credentials_file"] == f"/run/secrets/{secret}"
    assert compose["secrets"][secret] == {"file": "${PROMETHEUS_KEY_FILE:-/dev/null}"}  # no key, and no error


def answer(prometheus: str, query: str) -> list:
    try:
        reply = requests.get(f"{prometheus}/api/v1/query", params={"query": query}, timeout=5)
    except requests.ConnectionError:
        return []
    assert reply.status_code in (200, 503), reply.text
    return reply.json()["data"]["result"] if reply.ok else []


@pytest.mark.parametrize("name", QUERIES)
def test_each_query_of_the_dashboard_finds_numbers(prometheus, name):
    query = QUERIES[name].replace("$__rate_interval", "5s")
    until(lambda: any(sample["value"][1] != "NaN" for sample in answer(prometheus, query)))


def test_each_metric_in_an_alert_exists(prometheus):
    scraped = requests.get(f"{prometheus}/api/v1/label/__name__/values", timeout=5).json()["data"]
    named = set(re.findall(r"\b(?:digits_\w+|up)\b", ALERTS.read_text()))
    assert named <= set(scraped)
