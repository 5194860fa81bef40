"""A client of the service, for Python programs.

    from service.client import Client

    with Client("http://localhost:8000") as client:
        prediction = client.predict("docs/seven.png")
        print(prediction.digit if prediction.accepted else prediction.reason)

It needs requests, and Pillow and NumPy for images that are not encoded yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from service.client.encode import Picture, encode

BATCH = 64
"""Images that are sent in one request."""
BUSY = (429, 503)
"""Statuses after which it is worth trying again."""


class ServiceError(Exception):
    """There is no prediction."""


class ServiceUnreachable(ServiceError):
    """The service did not answer in time, or not at all, however often it was asked."""


class Refused(ServiceError):
    """The service says why it does not answer.

    Attributes:
        status: of HTTP.
        code: stable, snake_case.
        detail: what is wrong and what to do.
        request_id: by which the service's log knows the request.
    """

    def __init__(self, status: int, code: str, detail: str, request_id: str) -> None:
        super().__init__(f"{detail} ({code}, request {request_id})")
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id


@dataclass(frozen=True)
class Prediction:
    """What one image holds.

    Attributes:
        digit: None: nothing is drawn.
        probabilities: of 0 to 9.
        confidence: probability of the digit.
        digit_score: from 0 to 1, how surely this is a digit at all.
        accepted: whether to trust the answer.
        reason: why not: `blank`, `not_a_digit` or `ambiguous`.
        version: of the model.
        request_id: of the request.
    """

    digit: int | None
    probabilities: tuple[float, ...]
    confidence: float
    digit_score: float
    accepted: bool
    reason: str | None
    version: int
    request_id: str


class Client:
    """Asks one service. Its connections are kept; threads may share it.

    Args:
        url: of the service.
        timeout: seconds to wait for a connection, and for each answer.
        retries: how often to try again when the service is busy or cannot be reached. A service that says when to come
            back (`Retry-After`) is asked again then, another after a time that doubles.
    """

    def __init__(self, url: str = "http://localhost:8000", *, timeout: float = 10.0, retries: int = 3) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        retry = Retry(
            total=retries,
            status_forcelist=BUSY,
            allowed_methods=None,  # a prediction changes nothing, so that it may be asked for again
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
        """Let go of the connections."""
        self._session.close()

    def predict(self, image: Picture) -> Prediction:
        """Which digit an image holds.

        Raises:
            Refused: it cannot be read.
            ServiceUnreachable: there was no answer.
            OSError: there is no such file.
            TypeError: it is no image.
        """
        return _prediction(self._ask(data=encode(image), headers={"Content-Type": "image/*"}))

    def predict_strokes(self, strokes: Sequence[Sequence[Sequence[float]]]) -> Prediction:
        """Which digit the strokes of a pen make, each a list of [x, y].

        Raises:
            Refused, ServiceUnreachable: as `predict`.
        """
        return _prediction(self._ask(json={"strokes": strokes}))

    def predict_many(self, images: Iterable[Picture]) -> Iterator[Prediction | Refused]:
        """Which digit each of many images holds, `BATCH` a request, in order.

        Yields:
            A prediction, or why this one image could not be read.

        Raises:
            Refused, ServiceUnreachable, OSError, TypeError: as `predict`, of a whole request.
        """
        remaining = iter(images)
        while batch := list(islice(remaining, BATCH)):
            answer = self._ask(files=[("image", (str(n), encode(image))) for n, image in enumerate(batch)])
            for document in answer.get("predictions", [answer]):
                yield _refused(document) if "code" in document else _prediction(document)

    def _ask(self, **request: Any) -> dict[str, Any]:
        try:
            reply = self._session.post(f"{self._url}/predict", timeout=self._timeout, **request)
        except requests.RequestException as error:
            raise ServiceUnreachable(f"{self._url} does not answer: {error}") from error
        try:
            document: dict[str, Any] = reply.json()
        except requests.JSONDecodeError as error:
            raise ServiceUnreachable(f"{self._url} answers {reply.status_code}, but not as this service") from error
        if not reply.ok:
            raise _refused(document)
        return document


def _prediction(document: dict[str, Any]) -> Prediction:
    return Prediction(
        digit=document["digit"],
        probabilities=tuple(document["probabilities"]),
        confidence=document["confidence"],
        digit_score=document["digit_score"],
        accepted=document["accepted"],
        reason=document["reason"],
        version=document["model"]["version"],
        request_id=document["request_id"],
    )


def _refused(document: dict[str, Any]) -> Refused:
    return Refused(document["status"], document["code"], document["detail"], document["request_id"])
