"""A span a request, sent to an OpenTelemetry collector. Off by default; none of its libraries is loaded then.

A request is traced from the times that are taken anyway, after its answer is written, so that a trace holds nothing up:
its span, and in it one for each of `decode`, `canonicalize`, `queue` and `infer`. No span holds anything of an image, a
body, a query or a key, nor a path, which may be a secret's.
"""

from __future__ import annotations

import logging
from time import perf_counter
from urllib.parse import urlsplit

from service.config import ConfigError
from service.server.trace import Trace

PATIENCE = 2
"""Seconds that a batch of spans is tried to be sent, before it is lost."""
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


class Traces:
    """Sends the traces of a worker, from a thread.

    Args:
        endpoint: OTLP over HTTP, such as http://collector:4318/v1/traces.

    Raises:
        ConfigError: as of `check`.
    """

    def __init__(self, endpoint: str) -> None:
        check(endpoint)
        from opentelemetry.context import Context
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # a line where spans are lost, none for each attempt
        named = {"service.name": "digits"} | dict(OTELResourceDetector().detect().attributes)
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=PATIENCE)))
        self._tracer = self._provider.get_tracer("digits")
        self._propagator = TraceContextTextMapPropagator()
        self._outside = Context()

    def end(self, trace: Trace, method: str, route: str, status: int, reason: str, request_id: str) -> None:
        """A request was answered just now; the arguments are those of `Metrics.request`."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        ended = perf_counter()
        method = method if method in METHODS else "_OTHER"
        parent = self._propagator.extract(trace.fields, self._outside)
        attributes: dict[str, str | int] = {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": int(status),
            "digits.request_id": request_id,
        }
        if reason:
            attributes["error.type"] = reason
        span = self._tracer.start_span(
            f"{method} {route}",
            parent,
            SpanKind.SERVER,
            attributes | trace.attributes,
            start_time=trace.at(trace.began),
        )
        inside = set_span_in_context(span, self._outside)
        for stage, since, until in tuple(trace.stages):
            self._tracer.start_span(stage, inside, start_time=trace.at(since)).end(trace.at(until))
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR, reason))
        span.end(trace.at(ended))

    def close(self) -> None:
        """Send what is left; a few seconds, if nobody takes it."""
        self._provider.shutdown()


def check(endpoint: str) -> None:
    """Whether traces can be sent there.

    Raises:
        ConfigError: the libraries are not installed, or it is no address.
    """
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk.trace  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"DIGITS_TRACES: the module {error.name} is not installed; have pip install -r requirements/production.txt"
        ) from error
    try:
        address = urlsplit(endpoint)
        good = bool(address.hostname) and address.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError("DIGITS_TRACES: must be as http://collector:4318/v1/traces")
