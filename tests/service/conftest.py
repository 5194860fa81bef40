from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Send = Callable[..., Reply]


@pytest.fixture(scope="session", params=["flask", "gunicorn"])
def send(request: pytest.FixtureRequest, client: FlaskClient) -> Send:
    """send(method, path, body=b"", content_type=None, **headers) -> Reply, by each way into the service."""

    def through_flask(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        response = client.open(path, method=method, headers=headers, data=body, buffered=True)
        return Reply(response.status_code, response.headers, response.data)

    def through_gunicorn(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        response = requests.request(method, url + path, headers=headers, data=body, timeout=30)
        return Reply(response.status_code, response.headers, response.content)

    if request.param == "gunicorn":
        url = request.getfixturevalue("url")
    way = through_flask if request.param == "flask" else through_gunicorn

    def send(
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        named = {"Content-Type": content_type} if content_type is not None else {}
        return way(method, path, named | (headers or {}), body)

    return send


@pytest.fixture(scope="session")
def post(send: Send) -> Send:
    """post(body, content_type="image/png", path="/predict") -> Reply; a dict as body is sent as JSON."""

    def post(body: bytes | dict[str, Any], content_type: str = "image/png", path: str = "/predict") -> Reply:
        if isinstance(body, dict):
            body, content_type = json.dumps(body).encode(), "application/json"
        return send("POST", path, body, content_type)

    return post


@pytest.fixture(scope="session")
def form() -> Callable[..., tuple[bytes, str]]:
    """form(*files) -> body and content type of a multipart form."""

    def form(*files: bytes) -> tuple[bytes, str]:
        parts = [(f"file{n}", (f"{n}.png", file)) for n, file in enumerate(files)]
        prepared = requests.Request("POST", "http://localhost/", files=parts).prepare()
        assert isinstance(prepared.body, bytes)
        return prepared.body, prepared.headers["Content-Type"]

    return form
