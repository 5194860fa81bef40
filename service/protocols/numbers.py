"""`POST /read`: the same bodies as `/predict`; whole numbers out, digit by digit."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import orjson

from models.errors import MalformedRequest, RequestError
from models.numbers.number import Number, NumberDigit
from service.config import Config
from service.images.pages import Grid
from service.protocols import native, native_images
from service.protocols.endpoint import NUMBERS, Endpoint, Numbers
from service.protocols.request import ParsedRequest, Request, ResponseFormat
from service.protocols.response import JSON, Response, problem

MAX_SIDE = 50
"""Rows, and columns, of a grid of boxes."""
MAX_CELLS = 400
"""Of a grid: the time to read it grows with them, and a sudoku has 81."""
_GRID = re.compile(r"([1-9][0-9]?)x([1-9][0-9]?)")


def parse(request: Request, config: Config) -> ParsedRequest:
    """Parse the body of a request.

    Raises:
        RequestError: the request as a whole cannot be answered.
    """
    for parameter in ("canonical", "explain"):
        if native_images.flag(request, parameter):
            detail = f"/read takes no {parameter}=1; cut a digit out by its box and send it to /predict?{parameter}=1."
            raise MalformedRequest("bad_parameter", detail)
    grid = _grid(request)
    images, batch = native_images.images(request, config)
    return ParsedRequest(images, ResponseFormat(batch, grid=grid))


def write(form: ResponseFormat, numbers: Numbers, request: Request) -> Response:
    """Write one answer for each image, or the one answer alone if the request is no batch."""
    model = {"name": numbers.name, "version": numbers.version}
    documents: list[dict[str, Any]] = []
    for number in numbers.results:
        if isinstance(number, RequestError):
            documents.append(problem(number, request.id))
        else:
            documents.append(_document(number) | {"model": model, "request_id": request.id})
    return Response(HTTPStatus.OK, JSON, orjson.dumps({"readings": documents} if form.batch else documents[0]))


READ = Endpoint("/read", NUMBERS, native.target, native.unknown, parse, write)


def _grid(request: Request) -> Grid | None:
    text = request.query.get("grid")
    return None if text is None else parse_grid(text)


def parse_grid(text: str) -> Grid:
    """Read the shape of a grid, such as 9x9: rows and columns.

    Raises:
        MalformedRequest: it is anything else, or has too many cells.
    """
    found = _GRID.fullmatch(text)
    rows, columns = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= rows <= MAX_SIDE or not 1 <= columns <= MAX_SIDE or rows * columns > MAX_CELLS:
        detail = (
            f"The grid must be rows x columns such as 9x9, each from 1 to {MAX_SIDE}, and {MAX_CELLS} cells at most."
        )
        raise MalformedRequest("bad_parameter", detail)
    return rows, columns


def _document(number: Number) -> dict[str, Any]:
    digits: list[NumberDigit] = []
    lines = []
    for line in number.lines:
        first = len(digits)
        digits += line.digits
        lines.append({"number": line.number, "box": line.box, "digits": (first, len(digits))})
    document: dict[str, Any] = {"number": number.number, "digits": [_digit(digit) for digit in digits], "lines": lines}
    if number.grid is not None:
        document["grid"] = number.grid
    return document | {"accepted": number.accepted, "reason": number.reason}


def _digit(digit: NumberDigit) -> dict[str, Any]:
    prediction = digit.prediction
    return {
        "digit": prediction.digit,
        "box": digit.box,
        "probabilities": prediction.probabilities,
        "confidence": prediction.confidence,
        "digit_score": prediction.digit_score,
        "accepted": prediction.accepted,
        "reason": prediction.reason,
    }
