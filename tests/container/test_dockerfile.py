"""The Dockerfile's text; verify.py builds and runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

Stage = list[tuple[str, str]]


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    """Split the Dockerfile at each FROM: the head, then each stage, as (instruction, arguments) pairs."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    stages: list[Stage] = [[]]
    for line in filter(None, re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()):
        instruction, arguments = line.split(maxsplit=1)
        if instruction == "FROM":
            stages.append([])
        stages[-1].append((instruction, arguments))
    return stages


def arguments(stage: Stage, instruction: str) -> list[str]:
    return [arguments for name, arguments in stage if name == instruction]


def test_all_stages_have_one_base_that_can_be_replaced(stages: list[Stage]) -> None:
    head, build, loadtest, final = stages
    assert head == [("ARG", "BASE=python:3.11-slim")]
    assert build[0] == ("FROM", "${BASE} AS build")
    assert loadtest[0] == ("FROM", "${BASE} AS loadtest")
    assert final[0] == ("FROM", "${BASE}")


def test_dependencies_are_hashed_and_a_change_of_code_reuses_them(stages: list[Stage]) -> None:
    _, build, loadtest, _ = stages
    for stage, lock in ((build, "requirements/production.txt"), (loadtest, "tests/load/requirements.txt")):
        install = next(i for i, (_, text) in enumerate(stage) if "pip install" in text)
        assert "--require-hashes" in stage[install][1]
        assert [text.split()[0] for name, text in stage[:install] if name == "COPY"] == [lock]


def test_image_has_only_the_environment_the_two_packages_and_their_bill_of_materials(stages: list[Stage]) -> None:
    _, build, _, final = stages
    bill = "requirements/production.cdx.json /app/sbom.cdx.json"
    assert arguments(build, "COPY")[1:] == ["models /app/models", "service /app/service", bill]
    assert f'digits.sbom="{bill.split()[1]}"' in arguments(final, "LABEL")[0]
    assert arguments(final, "COPY") == ["--from=build /venv /venv", "--from=build /app /app"]
    assert not arguments(final, "RUN") + arguments(final, "ADD")


@pytest.mark.parametrize("stage", [-1, -2])
def test_service_and_load_test_run_as_a_fixed_user_other_than_root(stages: list[Stage], stage: int) -> None:
    assert arguments(stages[stage], "USER") == ["10001:10001"]


def test_service_is_process_1_and_listens_on_port_8000_of_every_address(stages: list[Stage]) -> None:
    final = stages[-1]
    assert json.loads(arguments(final, "CMD")[0]) == ["python", "-m", "service"]
    assert arguments(final, "STOPSIGNAL") == ["SIGTERM"]
    assert arguments(final, "EXPOSE") == ["8000"]
    assert {"HOST=0.0.0.0", "PORT=8000"} <= set(arguments(final, "ENV")[0].split())


def test_version_label_is_the_project_s(stages: list[Stage]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f'org.opencontainers.image.version="{version}"' in arguments(stages[-1], "LABEL")[0]


def test_context_includes_every_file_that_the_dockerfile_copies(stages: list[Stage]) -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    included = [line.removeprefix("!") for line in lines if line.startswith("!")]
    for copied in arguments(stages[1], "COPY") + arguments(stages[2], "COPY"):
        source = copied.split()[0]
        assert any(Path(source).is_relative_to(name) for name in included)
    assert included == [
        "requirements/production.txt",
        "requirements/production.cdx.json",
        "models",
        "service",
        "tests/load",
    ]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_for_readiness_and_ignores_proxies(
    stages: list[Stage], status: int, healthy: bool
) -> None:
    with answering(status) as port:
        assert check(stages, PORT=str(port), http_proxy="http://127.0.0.1:9") is healthy


def test_a_service_that_does_not_listen_is_unhealthy(stages: list[Stage]) -> None:
    with answering(200) as port:
        pass
    assert check(stages, PORT=str(port)) is False


def check(stages: list[Stage], **environment: str) -> bool:
    options, command = arguments(stages[-1], "HEALTHCHECK")[0].split(" CMD ")
    assert "--timeout" in options
    python, *rest = json.loads(command)
    assert python == "python"
    return subprocess.run([sys.executable, *rest], env=os.environ | environment, capture_output=True).returncode == 0


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Answer readiness checks with `status`; yield the port."""

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
