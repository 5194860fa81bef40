"""Pictures -> rows, by the same steps as a request takes: quickly in this process, what takes long in the sandbox."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Digit
from models.errors import BlankDrawing, MalformedRequest, RequestError, TakesLong, UnusableInput
from models.numbers.strips import Strip
from models.preprocessing.polarity import find_ink_in_row
from service.errors import INTERNAL_ERROR
from service.images.canonical_digits import CanonicalDigits, DigitOrError, Images
from service.images.decode import SentPicture
from service.images.image import Image, encoded
from service.images.pages import Pages
from service.inference.number_predictor import NumberPredictor
from service.inference.predictor import Predictor
from service.inference.served_versions import READER, ServedVersions
from service.observability.metrics import Metrics
from service.observability.shared_counters import Counters
from service.pipeline.digits import doubted
from service.protocols.endpoint import BLANK
from service.protocols.request import Request
from service.sandbox.sandbox import Sandbox
from service.score import row
from service.score.job import DIGIT, Job
from service.score.row import Row
from service.score.sources.source import Content, Picture

log = logging.getLogger(__name__)

HEADERS = {b"content-type": b"image/*"}
BATCH = 256
"""Digits that are classified at once."""
PATIENCE = 60.0
"""Seconds to wait for a picture, whose processor time is limited far below that: all cores are busy."""


class Scored(NamedTuple):
    """A row, and what the network saw of the picture."""

    row: Row
    seen: NDArray[np.uint8] | None


class Scorer:
    """Reads pictures with the models of a job.

    Args:
        job: what to read.

    Raises:
        ArtifactError: a model cannot be run.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._sandbox = Sandbox(job.config)
        metrics = Metrics(Counters(), 0)
        digits = ServedVersions(job.digits.load(), lambda model, _: Predictor(model, metrics), metrics)
        numbers = ServedVersions(
            job.numbers.load(), lambda model, _: NumberPredictor(model, digits, metrics), metrics, READER
        )
        self._digits, self._numbers = digits.served, numbers.served

    def close(self) -> None:
        """End the processes of the sandbox."""
        self._sandbox.close()

    def score(self, pictures: Iterable[Picture], careful: bool) -> Iterator[Scored]:
        """Read pictures, in order.

        Args:
            pictures: are taken as they are needed.
            careful: decode nothing in this process, since it may not survive that.
        """
        if self._job.read_as != DIGIT:
            return map(self._score_page, pictures)  # all are decoded in the sandbox
        return self._score_digits(pictures, careful)

    def _score_digits(self, pictures: Iterable[Picture], careful: bool) -> Iterator[Scored]:
        remaining = iter(pictures)
        while batch := [self._canonical(picture, careful) for picture in islice(remaining, BATCH)]:
            digits = [each.result for each in batch if not isinstance(each.result, Exception)]
            predictions = iter(self._digits.classify(digits))
            for path, page, result, strip, other in batch:
                if isinstance(result, RequestError):
                    yield Scored(row.of_error(path, page, result), None)
                    continue
                if isinstance(result, BlankDrawing):
                    yield Scored(row.of_digit(path, page, BLANK), None)
                    continue
                prediction = doubted(next(predictions), strip, other, self._digits, self._numbers)
                yield Scored(row.of_digit(path, page, prediction), result)

    def _canonical(self, picture: Picture, careful: bool) -> _Canonical:
        try:
            canonical = self._draw(picture.content, careful)
            (result,) = canonical.results
        except Exception as error:
            return _Canonical(picture.path, picture.page, _explain(picture, error))
        return _Canonical(picture.path, picture.page, result, canonical.strips.get(0), canonical.others.get(0))

    def _draw(self, content: Content, careful: bool) -> CanonicalDigits:
        """Decode a picture and redraw its digit.

        Raises:
            RequestError: it cannot be read.
        """
        if isinstance(content, np.ndarray):
            return Images([_raw(content)]).canonicalize()
        data = _data(content)
        image = encoded(data, self._job.config.max_pixels)
        if image.light and not careful:
            with contextlib.suppress(TakesLong):
                return Images([image]).canonicalize(quick=True)
        return self._sandbox.read_digits(_request("/predict", b"", data), perf_counter() + PATIENCE).contents

    def _score_page(self, picture: Picture) -> Scored:
        try:
            (page,) = self._lay_out(picture.content).results
            if isinstance(page, RequestError):
                raise page
            read = self._numbers.read(page)
        except Exception as error:
            return Scored(row.of_error(picture.path, picture.page, _explain(picture, error)), None)
        seen = next((line.drawing for line in page.lines if line), None)
        return Scored(row.of_number(picture.path, picture.page, read), seen)

    def _lay_out(self, content: Content) -> Pages:
        """Decode a picture and find its lines.

        Raises:
            RequestError: it cannot be read.
        """
        grid = self._job.grid
        if isinstance(content, np.ndarray):
            return Images([_raw(content)]).lay_out(grid)
        query = b"" if grid is None else b"grid=%dx%d" % grid
        return self._sandbox.read_pages(_request("/read", query, _data(content)), perf_counter() + PATIENCE).contents


class _Canonical(NamedTuple):
    """A picture on its way to its row."""

    path: str
    page: int | None
    result: DigitOrError
    strip: Strip | None = None
    other: Digit | None = None


def _explain(picture: Picture, error: Exception) -> RequestError:
    """Return the error of a picture; one that is a fault of this program is logged, and the others are read."""
    if isinstance(error, RequestError):
        return error
    log.error("%s, page %s failed", picture.path, picture.page, exc_info=error)
    return UnusableInput(INTERNAL_ERROR, "Reading the picture failed, which is this program's fault; see its log.")


def _raw(levels: NDArray[np.uint8]) -> Image:
    """Take grey levels that need no decoding."""
    return Image(lambda quick: find_ink_in_row(levels, quick), light=True, load=lambda: SentPicture(levels, (1.0, 1.0)))


def _data(content: bytes | RequestError) -> bytes:
    """Return the bytes of a picture.

    Raises:
        RequestError: there are none.
    """
    if isinstance(content, RequestError):
        raise content
    if not content:
        raise MalformedRequest("empty_file", "The file is empty.")
    return content


def _request(path: str, query: bytes, data: bytes) -> Request:
    """Ask for a picture as a client does."""
    return Request(method="POST", path=path, query_string=query, headers=HEADERS, body=data)
