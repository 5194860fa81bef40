"""How one kind of prediction is asked for and answered: the functions that a protocol supplies to the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.errors import NoSuchModel, RequestError
from models.inference.digit_model import Prediction
from models.numbers.number import Number
from service.config import Config
from service.images.canonical_digits import DigitOrError
from service.protocols.request import ParsedRequest, Request, ResponseFormat, Target
from service.protocols.response import Response

DIGITS, NUMBERS = "digits", "numbers"
"""The models that are served: of single digits, and of lines of them."""
SEVERAL_DIGITS = "several_digits"
"""The reason not to accept the one digit of an image that shows more."""
BLANK = Prediction(None, [0.1] * 10, 0.0, "blank")
"""The answer for an image without ink."""


@dataclass(slots=True)
class Answers:
    """What the model made of a request's images.

    Attributes:
        name: of the model.
        version: of the model.
        digits: for each image its canonical digit, or why there is none.
        results: for each image its prediction, BLANK, or why it was not read.
        explanation: of the one image; None unless it was asked for.
        several: whether an image shows several digits.
    """

    name: str
    version: int
    digits: Sequence[DigitOrError]
    results: Sequence[Prediction | RequestError]
    explanation: dict[str, Any] | None = None
    several: bool = False

    @property
    def predictions(self) -> list[Prediction]:
        """Return the results of the images that were read."""
        return [result for result in self.results if not isinstance(result, RequestError)]


@dataclass(slots=True)
class Numbers:
    """What the models made of a request's pages.

    Attributes:
        name: of the model that reads lines.
        version: of that model.
        results: for each image its number, or why it was not read.
    """

    name: str
    version: int
    results: Sequence[Number | RequestError]

    @property
    def numbers(self) -> list[Number]:
        """Return the results of the images that were read."""
        return [result for result in self.results if not isinstance(result, RequestError)]


class Endpoint(NamedTuple):
    """The functions of one endpoint, all of them pure.

    Attributes:
        route: rule of its path, by which it is counted.
        model: name of the model that answers, DIGITS or NUMBERS.
        target: reads which model a request asks for.
        unknown: refuses a target that is not served.
        parse: parses a request's body.
        write: writes the response, to Answers of DIGITS or to Numbers.
    """

    route: str
    model: str
    target: Callable[[Request], Target]
    unknown: Callable[[Target], NoSuchModel]
    parse: Callable[[Request, Config], ParsedRequest]
    write: Callable[[ResponseFormat, Any, Request], Response]
