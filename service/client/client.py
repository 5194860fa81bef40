"""Ask the service from a Python program.

    from service.client import Client

    with Client("http://localhost:8000") as client:
        prediction = client.predict("docs/seven.png")
        print(prediction.digit if prediction.accepted else prediction.reason)

Requires requests; also Pillow and NumPy to send images that are not encoded yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from service.client.answers import Prediction, Reading
from service.client.encode import Picture, encode
from service.client.errors import Refused, ServiceUnreachable

BATCH = 64
"""Images in one request of `predict_many`."""
BUSY = (429, 503)
"""Statuses that are retried."""


class Client:
    """A client of one service. It keeps its connections open, and threads may share it.

    Args:
        url: of the service.
        timeout: seconds to wait for a connection, and for each response.
        retries: how often to retry when the service is busy or unreachable: after the time in `Retry-After`, or after a
            delay that doubles.
    """

    def __init__(self, url: str = "http://localhost:8000", *, timeout: float = 10.0, retries: int = 3) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        retry = Retry(
            total=retries,
            status_forcelist=BUSY,
            allowed_methods=None,  # predictions change nothing, so a POST may be repeated
            backoff_factor=0.1,
            backoff_jitter=0.1,
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def predict(self, image: Picture) -> Prediction:
        """Predict the digit that an image shows.

        Raises:
            Refused: the service cannot read the image.
            ServiceUnreachable: the service did not answer.
            OSError: the file cannot be read.
            TypeError: the value is not an image.
        """
        return Prediction.parse(self._ask("/predict", data=encode(image), headers={"Content-Type": "image/*"}))

    def predict_strokes(self, strokes: Sequence[Sequence[Sequence[float]]]) -> Prediction:
        """Predict the digit that pen strokes make, each a list of [x, y] points.

        Raises:
            Refused, ServiceUnreachable: as for `predict`.
        """
        return Prediction.parse(self._ask("/predict", json={"strokes": strokes}))

    def predict_many(self, images: Iterable[Picture]) -> Iterator[Prediction | Refused]:
        """Predict many images in order, `BATCH` in each request.

        Yields:
            For each image a Prediction, or a Refused if the service cannot read that image.

        Raises:
            Refused, ServiceUnreachable, OSError, TypeError: as for `predict`, when a whole request fails.
        """
        for document in self._ask_many("/predict", "predictions", images):
            yield _refused(document) if "code" in document else Prediction.parse(document)

    def read(self, image: Picture, grid: tuple[int, int] | None = None) -> Reading:
        """Read the numbers that a picture shows.

        Args:
            image: of any size, with any number of digits.
            grid: rows and columns of boxes, if the picture is to be read as a grid, each box with one digit or none.

        Raises:
            Refused, ServiceUnreachable, OSError, TypeError: as for `predict`.
        """
        return Reading.parse(self._ask(_read(grid), data=encode(image), headers={"Content-Type": "image/*"}))

    def read_many(self, images: Iterable[Picture], grid: tuple[int, int] | None = None) -> Iterator[Reading | Refused]:
        """Read the numbers of many pictures in order, `BATCH` in each request; the arguments are those of `read`.

        Yields:
            For each picture a Reading, or a Refused if the service cannot read it.

        Raises:
            Refused, ServiceUnreachable, OSError, TypeError: as for `read`, when a whole request fails.
        """
        for document in self._ask_many(_read(grid), "readings", images):
            yield _refused(document) if "code" in document else Reading.parse(document)

    def _ask_many(self, path: str, key: str, images: Iterable[Picture]) -> Iterator[dict[str, Any]]:
        remaining = iter(images)
        while batch := list(islice(remaining, BATCH)):
            answer = self._ask(path, files=[("image", (str(n), encode(image))) for n, image in enumerate(batch)])
            yield from answer.get(key, [answer])

    def _ask(self, path: str, **request: Any) -> dict[str, Any]:
        try:
            reply = self._session.post(f"{self._url}{path}", timeout=self._timeout, **request)
        except requests.RequestException as error:
            raise ServiceUnreachable(f"{self._url} does not answer: {error}") from error
        try:
            document: dict[str, Any] = reply.json()
        except requests.JSONDecodeError as error:
            raise ServiceUnreachable(f"{self._url} answers {reply.status_code} without this service's JSON") from error
        if not reply.ok:
            raise _refused(document)
        return document


def _read(grid: tuple[int, int] | None) -> str:
    return f"/read?grid={grid[0]}x{grid[1]}" if grid else "/read"


def _refused(document: dict[str, Any]) -> Refused:
    return Refused(document["status"], document["code"], document["detail"], document["request_id"])
