"""Requests for single digits: `/predict` and its like."""

from __future__ import annotations

from time import perf_counter

from models.arrays import Digit
from models.errors import RequestError, TakesLong
from models.inference.digit_model import Prediction
from models.inference.rejection import AMBIGUOUS
from models.numbers.strips import Strip
from models.preprocessing.several_digits import has_a_stroke_beside
from service.images.canonical_digits import CanonicalDigits
from service.inference.canary import Shadow
from service.inference.number_predictor import NumberPredictor
from service.inference.predictor import Predictor
from service.inference.served_model import ServedModel
from service.inference.served_versions import ServedVersions
from service.observability.metrics import Metrics
from service.pipeline import task
from service.pipeline.prepared import Prepared
from service.protocols.endpoint import BLANK, SEVERAL_DIGITS, Answers
from service.protocols.explanation import explain
from service.protocols.request import ParsedRequest
from service.protocols.response import Response
from service.sandbox.reading import Reading
from service.sandbox.sandbox import Sandbox

SEVERAL = 0.5
"""Probability of several digits from which an answer that would be accepted is not."""
PERHAPS_SEVERAL = 0.1
"""The same of an answer that is not accepted anyway: several digits are the likelier reason."""
CLEAR = 0.45
"""Least probability of the likeliest string, if the digit would not be accepted. In noise many strings are alike: of 78
such pictures with several digits likely 4 reach it; of 36 numbers of two digits the least had 0.65."""


class DigitTask:
    """Reads canonical digits and classifies them.

    Args:
        model: of digits.
        numbers: look at what may be several digits.
        shadow: compares the canary; None if it is not to be compared.
        sandbox: reads what takes long.
        metrics: counts stages and answers.
    """

    queue = "queue"

    def __init__(
        self,
        model: ServedModel[Predictor],
        numbers: ServedVersions[NumberPredictor],
        shadow: Shadow | None,
        sandbox: Sandbox,
        metrics: Metrics,
    ) -> None:
        self.model = model
        self._numbers = numbers
        self._shadow = shadow
        self._sandbox = sandbox
        self._metrics = metrics

    def begin(self, prepared: Prepared, parsed: ParsedRequest) -> None:
        """Read a small request on the event loop, unless it turns out to be costly."""
        if not parsed.images.light:
            return
        try:
            prepared.reading = Reading(parsed.form, parsed.images.canonicalize(quick=True))
        except TakesLong:
            prepared.brief = True

    def read(self, prepared: Prepared, until: float) -> Reading[CanonicalDigits]:
        """Have the sandbox read a request."""
        return self._sandbox.read_digits(prepared.request, until, prepared.brief)

    def answer(self, prepared: Prepared, reading: Reading[CanonicalDigits], until: float) -> Response:
        """Classify the digits and respond."""
        request, predictor = prepared.request, prepared.predictor
        form, canonical = reading
        task.check_results(canonical.results, form)
        self._metrics.stage("decode", canonical.decode_seconds)
        self._metrics.stage("canonicalize", canonical.canonicalize_seconds)
        if request.trace:
            stages = ("decode", canonical.decode_seconds), ("canonicalize", canonical.canonicalize_seconds)
            task.trace_stages(request, stages)
        began = perf_counter()
        digits = canonical.digits
        predictions = predictor.classify(digits)
        if request.trace:
            request.trace.stage("infer", began, perf_counter())
        response = self._respond(prepared, reading, predictions)
        if self._shadow and (canary := self.model.versions.canary) and predictor is not canary:
            self._shadow.compare(canary, request.routing_key, digits, predictions)
        return response

    def _respond(
        self, prepared: Prepared, reading: Reading[CanonicalDigits], predictions: list[Prediction]
    ) -> Response:
        """Put predictions, in the order of the digits, into the response.

        Raises:
            RequestError: the response is to explain what this version cannot explain.
        """
        request, model = prepared.request, prepared.predictor.model
        form, canonical = reading
        remaining = iter(predictions)
        results: list[Prediction | RequestError] = []
        for result in canonical.results:
            if isinstance(result, RequestError):
                results.append(result)
            else:
                results.append(BLANK if isinstance(result, Exception) else next(remaining))
        answers = Answers(self.model.name, model.version, canonical.results, results)
        for image in canonical.strips.keys() | canonical.others.keys():
            prediction = results[image]
            if isinstance(prediction, Prediction):
                strip, other = canonical.strips.get(image), canonical.others.get(image)
                second = doubted(prediction, strip, other, prepared.predictor, self._numbers.served)
                results[image] = second
                answers.several |= second.reason == SEVERAL_DIGITS
        if form.explain and predictions and canonical.drawing is not None:
            answers.explanation = explain(model, canonical.digits[0], canonical.drawing)
        response = prepared.endpoint.write(form, answers, request)
        for answer in answers.predictions:
            self._metrics.answer(answer.digit, answer.reason, answer.confidence)
        if request.trace:
            verdicts = [r.code if isinstance(r, RequestError) else r.reason or "accepted" for r in results]
            task.trace_verdicts(request, model.version, verdicts)
        return response


def doubted(
    prediction: Prediction, strip: Strip | None, other: Digit | None, digits: Predictor, numbers: NumberPredictor
) -> Prediction:
    """Look at an image again, and return its answer with the reason not to accept it that this gives.

    Args:
        prediction: the answer for the image as one digit.
        strip: the line of the image; None if there is surely one digit.
        other: the image read with what was taken for no part of the digit; None if that is certain.
        digits, numbers: read both.
    """
    if strip is not None:
        least, clear = (SEVERAL, 0.0) if prediction.accepted else (PERHAPS_SEVERAL, CLEAR)
        if (prediction.accepted and has_a_stroke_beside(strip)) or numbers.shows_several(strip, least, clear):
            return prediction._replace(reason=SEVERAL_DIGITS)
    if other is not None and prediction.accepted:
        (second,) = digits.classify([other])
        if second.accepted and second.digit != prediction.digit:
            return prediction._replace(reason=AMBIGUOUS)
    return prediction
