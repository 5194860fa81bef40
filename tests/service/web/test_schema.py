"""Requests that Schemathesis generates from the OpenAPI description, for every operation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service import health
from service.access import api_keys
from service.web.hooks import OPEN_PATHS
from tests import serving

REFUSED_WITH_503 = ("/v2/repository/models/{name}/load", "/v2/repository/models/{name}/unload")
"""Operations that Triton refuses so too."""
DESCRIBED = [content_type_conformance, response_schema_conformance, status_code_conformance]
schema = schemathesis.openapi.from_path(serving.ROOT / "service" / "web" / "static" / "api" / "openapi.json")


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
    needs_no_key = case.path in OPEN_PATHS or (health.route(case.path) and case.path != health.METRICS)
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
