from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
import requests
from flask.testing import FlaskClient
from numpy.typing import NDArray

from model_training.data.dataset import Splits
from models.inference.digit_model import DigitModel


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Send = Callable[..., Reply]


@pytest.fixture(scope="session", params=["flask", "server"])
def send(request: pytest.FixtureRequest) -> Send:
    """send(method, path, body=b"", content_type=None, headers=None) -> Reply, through Flask and through the server."""
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
    """Send by Flask's test client, as any WSGI server would."""

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        response = client.open(path, method=method, headers=headers, data=body, buffered=True)
        return Reply(response.status_code, response.headers, response.data)

    return send


@pytest.fixture(scope="session")
def through_server(url: str) -> Send:
    """Send over a socket to the real service: light requests are answered by its protocol, heavy ones by its pools."""
    session = requests.Session()

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        response = session.request(method, url + path, headers=headers, data=body, timeout=30)
        return Reply(response.status_code, response.headers, response.content)

    return send


@pytest.fixture(scope="session")
def post(send: Send) -> Send:
    """post(body, content_type="image/png", path="/predict") -> Reply; a dict is sent as JSON."""

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
    """The first five digits of MNIST's test split: 7, 2, 1, 0, 4."""
    return splits.test.digits[:5]


@pytest.fixture(scope="session")
def numbers_picture(encode: Callable[..., bytes]) -> bytes:
    """A PNG of 200 x 120 pixels with a 7 at (30, 30) and a 1 at (120, 30), dark on white."""
    picture = np.full((120, 200), 255, np.uint8)
    cv2.polylines(picture, [np.array([[30, 30], [80, 30], [50, 90]])], False, 0, 7, cv2.LINE_AA)
    cv2.line(picture, (125, 30), (120, 90), 0, 7, cv2.LINE_AA)
    return encode(picture)


@pytest.fixture(scope="session")
def expected(model: DigitModel, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The model's probabilities for `digits`, (5, 10)."""
    return model.predict(digits).probabilities
