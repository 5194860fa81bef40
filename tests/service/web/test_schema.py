"""Every operation of the API, asked by a machine that knows nothing but the API's own description."""

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

from service.access import api_keys
from service.web.hooks import OPEN
from tests import serving

BY_DESIGN = ("/v2/repository/models/{name}/load", "/v2/repository/models/{name}/unload")
"""Refused with 503, as Triton does."""
DESCRIBED = [content_type_conformance, response_schema_conformance, status_code_conformance]
schema = schemathesis.openapi.from_path(serving.ROOT / "service" / "web" / "static" / "api" / "openapi.json")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that keeps what it is told apart from people's corrections."""
    database = tmp_path_factory.mktemp("corrections") / "corrections.db"
    with serving.service(DIGITS_DATABASE_URL=f"sqlite:///{database}") as (url, _):
        yield url


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that wants a key."""
    file = tmp_path_factory.mktemp("keys") / "keys.txt"
    api_keys.add(file, "somebody")
    with serving.service(DIGITS_KEYS=str(file)) as (url, _):
        yield url


@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@schema.parametrize()
@settings(max_examples=2, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_who_has_no_key_is_told_so_by_every_operation_as_described(guarded: str, case: Case) -> None:
    response = case.call(base_url=guarded, timeout=10)
    assert (response.status_code == 401) != (case.path in OPEN)
    case.validate_response(response, checks=DESCRIBED)


@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@schema.parametrize()
@settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_whatever_is_asked_the_answer_is_as_described_and_no_failure(asked: str, case: Case) -> None:
    response = case.call(base_url=asked, timeout=10)
    assert response.status_code != 500
    checks = DESCRIBED if case.path in BY_DESIGN else [*DESCRIBED, not_a_server_error]
    case.validate_response(response, checks=checks)
