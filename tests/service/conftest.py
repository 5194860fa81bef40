from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests
from flask.testing import FlaskClient
from numpy.typing import NDArray
from werkzeug.datastructures import Headers

from model_training.data.dataset import Splits
from models.inference.digit_model import DigitModel
from service.config import Config
from service.server.asgi import Application
from tests.textbook import STORE


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Send = Callable[..., Reply]


@pytest.fixture(scope="session", params=["flask", "asgi", "gunicorn"])
def send(request: pytest.FixtureRequest) -> Send:
    """send(method, path, body=b"", content_type=None, headers=None) -> Reply, by each way into the service."""
    way: Send = request.getfixturevalue(f"through_{request.param}")

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
def through_flask(client: FlaskClient) -> Send:
    """Flask's test client."""

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        response = client.open(path, method=method, headers=headers, data=body, buffered=True)
        return Reply(response.status_code, response.headers, response.data)

    return send


@pytest.fixture(scope="session")
def through_gunicorn(url: str) -> Send:
    """A socket, to the real service."""

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        response = requests.request(method, url + path, headers=headers, data=body, timeout=30)
        return Reply(response.status_code, response.headers, response.content)

    return send


@pytest.fixture(scope="session")
def through_asgi(database_url: str) -> Send:
    """The ASGI application, called as a server calls it; the body comes in two pieces."""
    application = Application(Config(models=STORE, database_url=database_url))

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        url = urlsplit(path)
        named = {"Host": "localhost", "Content-Length": str(len(body))} | headers
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": url.path,
            "raw_path": url.path.encode(),
            "query_string": url.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        half = len(body) // 2
        incoming = [
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.request", "body": body[half:], "more_body": False},
        ]
        outgoing: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            if incoming:
                return incoming.pop(0)
            return await asyncio.Future()

        async def answer(message: MutableMapping[str, Any]) -> None:
            outgoing.append(message)

        asyncio.run(application(scope, receive, answer))
        start, *rest = outgoing
        fields = Headers([(name.decode(), value.decode()) for name, value in start["headers"]])
        return Reply(start["status"], fields, b"".join(message.get("body", b"") for message in rest))

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


@pytest.fixture(scope="session")
def digits(splits: Splits) -> NDArray[np.uint8]:
    """The first five of MNIST's test split: 7, 2, 1, 0, 4."""
    return splits.test.digits[:5]


@pytest.fixture(scope="session")
def expected(model: DigitModel, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the model makes of them, (5, 10)."""
    return model.predict(digits).probabilities
