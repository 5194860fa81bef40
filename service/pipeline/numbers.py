"""Requests for whole numbers: `/read` and its like."""

from __future__ import annotations

from time import perf_counter

from models.errors import RequestError
from models.numbers.number import Number
from service.config import Config
from service.errors import deadline_exceeded
from service.images.pages import Pages
from service.inference.number_predictor import NumberPredictor
from service.inference.served_model import ServedModel
from service.observability.metrics import Metrics
from service.pipeline import task
from service.pipeline.prepared import Prepared
from service.protocols.endpoint import Numbers
from service.protocols.request import ParsedRequest
from service.protocols.response import Response
from service.sandbox.reading import Reading
from service.sandbox.sandbox import Sandbox


class NumberTask:
    """Reads pages and the numbers on them, always in a thread: it takes milliseconds a line.

    Args:
        model: of numbers.
        sandbox: decodes pictures and finds their lines.
        config: its deadline.
        metrics: counts stages and answers.
    """

    queue = "numbers_queue"

    def __init__(self, model: ServedModel[NumberPredictor], sandbox: Sandbox, config: Config, metrics: Metrics) -> None:
        self.model = model
        self._sandbox = sandbox
        self._config = config
        self._metrics = metrics

    def begin(self, prepared: Prepared, parsed: ParsedRequest) -> None:
        """Tell what is brief, and leave a few strokes, of which nothing need be decoded, to the thread."""
        prepared.brief = parsed.images.drawn or parsed.images.light
        if parsed.images.drawn:
            prepared.parsed = parsed

    def read(self, prepared: Prepared, until: float) -> Reading[Pages]:
        """Find the lines, of pictures in the sandbox."""
        if prepared.parsed:
            images, form = prepared.parsed
            return Reading(form, images.lay_out(form.grid))
        return self._sandbox.read_pages(prepared.request, until, prepared.brief)

    def answer(self, prepared: Prepared, reading: Reading[Pages], until: float) -> Response:
        """Read the lines and respond."""
        request, predictor = prepared.request, prepared.predictor
        form, pages = reading
        task.check_results(pages.results, form)
        self._metrics.stage("numbers_decode", pages.decode_seconds)
        self._metrics.stage("numbers_layout", pages.layout_seconds)
        task.trace_stages(request, [("decode", pages.decode_seconds), ("layout", pages.layout_seconds)])
        began = perf_counter()
        results: list[Number | RequestError] = []
        for page in pages.results:
            if perf_counter() > until:
                raise deadline_exceeded(self._config.deadline_seconds)
            results.append(page if isinstance(page, RequestError) else predictor.read(page))
        if request.trace:
            request.trace.stage("read", began, perf_counter())
        version = predictor.model.version
        response = prepared.endpoint.write(form, Numbers(self.model.name, version, results), request)
        for result in results:
            if not isinstance(result, RequestError):
                self._metrics.number(sum(len(line.digits) for line in result.lines), result.reason)
        task.trace_verdicts(
            request, version, [r.code if isinstance(r, RequestError) else r.reason or "accepted" for r in results]
        )
        return response
