"""Ask the service from a Python program.

    from service.client import Client

    with Client("http://localhost:8000") as client:
        prediction = client.predict("docs/seven.png")
        print(prediction.digit if prediction.accepted else prediction.reason)

Requires requests; also Pillow and NumPy to send images that are not encoded yet.
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
"""Images in one request of `predict_many`."""
BUSY = (429, 503)
"""Statuses that are retried."""


class ServiceError(Exception):
    """The request brought no prediction."""


class ServiceUnreachable(ServiceError):
    """The service did not answer in time, even after all retries."""


class Refused(ServiceError):
    """The service refused the request or one of its images.

    Attributes:
        status: HTTP status.
        code: the kind of error in snake_case; it does not change between releases.
        detail: what is wrong and what to do.
        request_id: identifies the request in the service's log.
    """

    def __init__(self, status: int, code: str, detail: str, request_id: str) -> None:
        super().__init__(f"{detail} ({code}, request {request_id})")
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id


@dataclass(frozen=True)
class Prediction:
    """The digit that one image shows.

    Attributes:
        digit: 0 to 9; None if the image is blank.
        probabilities: of the digits 0 to 9; they sum to 1.
        confidence: probability of `digit`.
        digit_score: from 0 to 1; low for non-digits.
        accepted: whether to trust `digit`.
        reason: why it is not accepted: `blank`, `not_a_digit` or `ambiguous`; None if it is accepted.
        version: of the model.
        request_id: identifies the request in the service's log.
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
        return _prediction(self._ask(data=encode(image), headers={"Content-Type": "image/*"}))

    def predict_strokes(self, strokes: Sequence[Sequence[Sequence[float]]]) -> Prediction:
        """Predict the digit that pen strokes make, each a list of [x, y] points.

        Raises:
            Refused, ServiceUnreachable: as for `predict`.
        """
        return _prediction(self._ask(json={"strokes": strokes}))

    def predict_many(self, images: Iterable[Picture]) -> Iterator[Prediction | Refused]:
        """Predict many images in order, `BATCH` in each request.

        Yields:
            For each image a Prediction, or a Refused if the service cannot read that image.

        Raises:
            Refused, ServiceUnreachable, OSError, TypeError: as for `predict`, when a whole request fails.
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
            raise ServiceUnreachable(f"{self._url} answers {reply.status_code} without this service's JSON") from error
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
