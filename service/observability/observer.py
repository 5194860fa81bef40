"""What happens with each answered request: it is counted, and logged and traced if that is switched on."""

from __future__ import annotations

from service.observability.access_log import AccessLog
from service.observability.metrics import Metrics
from service.observability.tracing import Trace, Traces


class Observer:
    """Observes the requests of one worker.

    Args:
        metrics: counts every request.
        access_log: logs every request; None to log none.
        traces: sends every request's spans; None to send none.
    """

    def __init__(self, metrics: Metrics, access_log: AccessLog | None = None, traces: Traces | None = None) -> None:
        self.metrics = metrics
        self._access_log = access_log
        self._traces = traces

    def trace(self, traceparent: str, tracestate: str) -> Trace | None:
        """Begin the trace of a request; None if requests are not traced. The arguments are those of Trace."""
        return Trace(traceparent, tracestate) if self._traces else None

    def request(
        self, method: str, route: str, status: int, reason: str, seconds: float, request_id: str, trace: Trace | None
    ) -> None:
        """Observe an answered request; the arguments are those of `Metrics.request`, and its trace."""
        self.metrics.request(method, route, status, reason, seconds, request_id)
        if self._access_log:
            self._access_log.request(method, route, status, reason, seconds, request_id)
        if self._traces and trace:
            self._traces.end(trace, method, route, status, reason, request_id)

    def close(self) -> None:
        """Send what is left of the traces."""
        if self._traces:
            self._traces.close()
