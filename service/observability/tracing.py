"""OpenTelemetry traces: one span for each request, with one inside it for each of its stages.

Traces are off by default, and OpenTelemetry's libraries are loaded only when they are on. Spans are made from times
that are taken anyway, after the answer is written, so that tracing delays no answer. No span holds any part of an
image, a body, a query or a key, nor the path, which may hold a secret.
"""

from __future__ import annotations

import logging
from time import perf_counter, time_ns
from urllib.parse import urlsplit

from service.errors import ConfigError

EXPORT_SECONDS = 2
"""Time to send a batch of spans in; after it they are lost."""
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


class Trace:
    """The times and attributes of one request.

    Args:
        traceparent: header of W3C's Trace Context; empty for none.
        tracestate: header of W3C's Trace Context; empty for none.
    """

    def __init__(self, traceparent: str, tracestate: str) -> None:
        self.context = {"traceparent": traceparent, "tracestate": tracestate}
        self.attributes: dict[str, str | int] = {}
        self.stages: list[tuple[str, float, float]] = []
        self.began = perf_counter()
        self._epoch = time_ns() - int(self.began * 1e9)

    def stage(self, name: str, began: float, ended: float) -> None:
        """Add a stage by its begin and end, both of `perf_counter`."""
        self.stages.append((name, began, ended))

    def nanoseconds(self, clock: float) -> int:
        """Convert a time of `perf_counter` to nanoseconds since 1970."""
        return self._epoch + int(clock * 1e9)


class Traces:
    """Sends the spans of a worker from a thread.

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

        logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # one line for lost spans, none for each attempt
        named = {"service.name": "digits"} | dict(OTELResourceDetector().detect().attributes)
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=EXPORT_SECONDS)))
        self._tracer = self._provider.get_tracer("digits")
        self._propagator = TraceContextTextMapPropagator()
        self._outside = Context()

    def end(self, trace: Trace, method: str, route: str, status: int, reason: str, request_id: str) -> None:
        """Send the spans of a request; the other arguments are those of `Metrics.request`."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        ended = perf_counter()
        method = method if method in METHODS else "_OTHER"
        parent = self._propagator.extract(trace.context, self._outside)
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
            start_time=trace.nanoseconds(trace.began),
        )
        inside = set_span_in_context(span, self._outside)
        for stage, since, until in tuple(trace.stages):
            child = self._tracer.start_span(stage, inside, start_time=trace.nanoseconds(since))
            child.end(trace.nanoseconds(until))
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR, reason))
        span.end(trace.nanoseconds(ended))

    def close(self) -> None:
        """Send the spans that are left, within a few seconds."""
        self._provider.shutdown()


def check(endpoint: str) -> None:
    """Check that traces can be sent to an endpoint.

    Raises:
        ConfigError: the libraries are not installed, or the endpoint is not a URL.
    """
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk.trace  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"DIGITS_TRACES: the module {error.name} is not installed; run pip install -r requirements/production.txt"
        ) from error
    try:
        address = urlsplit(endpoint)
        valid = bool(address.hostname) and address.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError("DIGITS_TRACES: must be a URL such as http://collector:4318/v1/traces")
