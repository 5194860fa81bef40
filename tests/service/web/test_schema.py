"""Requests that Schemathesis generates from the OpenAPI description, for every operation, and along its links."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    use_after_free,
)

from service import health
from service.access import api_keys
from service.web.hooks import OPEN_PATHS
from tests import serving

REFUSED_WITH_503 = ("/v2/repository/models/{name}/load", "/v2/repository/models/{name}/unload")
"""Operations that Triton refuses so too."""
SEVEN = base64.b64encode((serving.ROOT / "tests" / "container" / "seven.png").read_bytes()).decode()
BODIES: dict[str, dict[str, object]] = {
    "/predict": {"image": SEVEN},
    "/read": {"image": SEVEN},
    "/corrections": {"label": 7, "image": SEVEN},
    "/infer": {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": [SEVEN]}]},
    ":predict": {"instances": [{"b64": SEVEN}]},
    ":classify": {"examples": [{"image": {"b64": SEVEN}}]},
}
"""End of a path, and what it answers."""
DESCRIBED = [content_type_conformance, response_schema_conformance, status_code_conformance]
FILE = serving.ROOT / "service" / "web" / "static" / "api" / "openapi.json"
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in json.loads(FILE.read_text())["paths"].items()
    for method, operation in item.items()
}
schema = schemathesis.openapi.from_path(FILE)
linked = schemathesis.openapi.from_path(FILE)
linked.config.phases.stateful.inference.algorithms = []  # only the links that the description has


@pytest.fixture
def unasked(tmp_path: Path) -> Iterator[str]:
    """Start a service that has counted no correction yet."""
    with serving.service(DIGITS_DATABASE_URL=f"sqlite:///{tmp_path}/corrections.db") as (url, _):
        yield url


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a service with its own database of corrections."""
    database = tmp_path_factory.mktemp("corrections") / "corrections.db"
    with serving.service(DIGITS_DATABASE_URL=f"sqlite:///{database}") as (url, _):
        yield url


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a service that requires a key."""
    file = tmp_path_factory.mktemp("keys") / "keys.txt"
    api_keys.add(file, "somebody")
    with serving.service(DIGITS_KEYS=str(file)) as (url, _):
        yield url


@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@schema.parametrize()
@settings(max_examples=2, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_every_operation_refuses_a_request_without_a_key_as_described(guarded: str, case: Case) -> None:
    response = case.call(base_url=guarded, timeout=10)
    is_open = case.path in OPEN_PATHS or (health.route(case.path) and case.path != health.METRICS)
    needs_no_key = is_open or case.method == "OPTIONS"
    assert (response.status_code == 401) != bool(needs_no_key)
    case.validate_response(response, checks=DESCRIBED)


@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@schema.parametrize()
@settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_every_response_is_as_described_and_none_is_a_failure(asked: str, case: Case) -> None:
    response = case.call(base_url=asked, timeout=10)
    assert response.status_code != 500
    checks = DESCRIBED if case.path in REFUSED_WITH_503 else [*DESCRIBED, not_a_server_error]
    case.validate_response(response, checks=checks)


@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@pytest.mark.parametrize(
    ("paths", "examples", "steps"),
    [(r"^/corrections", 6, 5), (r"^/(?!corrections)", 110, 16)],  # corrections are limited to 20 a minute
    ids=["corrections", "others"],
)
def test_every_link_leads_where_the_description_says(unasked: str, paths: str, examples: int, steps: int) -> None:
    followed = set()
    some = linked.include(path_regex=paths)

    class Caller(some.as_state_machine()):  # type: ignore[misc]
        """Goes on with what earlier responses named."""

        def before_call(self, case: Case) -> None:
            """Send a real digit, since nearly no generated image can be read."""
            for end, body in BODIES.items():
                if case.path.endswith(end):
                    case.body, case.media_type = body, "application/json"

        def get_call_kwargs(self, case: Case) -> dict[str, object]:
            return {"base_url": unasked, "timeout": 10}

        def validate_response(self, response: Response, case: Case, **_: object) -> None:
            case.validate_response(response, checks=[*DESCRIBED, not_a_server_error, use_after_free])

        def step(self, step: StepInput) -> StepOutput:
            if step.transition and step.is_applied:
                followed.add(step.transition.id)
            return super().step(step)

    Caller.run(
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
    described = {
        f"{source} -> [{status}] {name} -> "
        for source, operation in OPERATIONS.items()
        if re.search(paths, source.split()[1])
        for status, response in operation["responses"].items()
        for name in response.get("links", {})
    }
    assert {re.sub(r"(?<= -> )[A-Z].*", "", link) for link in followed} == described
