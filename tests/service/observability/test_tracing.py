"""Traces, as the real service sends them and a collector receives them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from service.config import Config
from service.errors import ConfigError
from service.observability import tracing
from tests import serving
from tests.service.steady import until

PNG = {"Content-Type": "image/png"}
STAGES = ["decode", "canonicalize", "infer"]
OUTSIDE = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
"""The trace and the span of a client."""


class Collector:
    """Receives spans by OTLP over HTTP.

    Attributes:
        url: address to send spans to.
        spans: those that were received.
        services: names of the services that sent them.
    """

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
        self.spans: list[Span] = []
        self.services: set[str] = set()

    def receive(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services.add(values(resource.resource)["service.name"])
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def request(self, request_id: str) -> tuple[Span, list[Span]]:
        """Wait for the span of a request; return it and the spans inside it, in the order in which they began."""

        def found() -> list[Span]:
            return [span for span in self.spans if values(span).get("digits.request_id") == request_id]

        until(lambda: bool(found()))
        (span,) = found()
        inside = [child for child in self.spans if child.parent_span_id == span.span_id]
        return span, sorted(inside, key=lambda child: child.start_time_unix_nano)


def values(owner) -> dict[str, object]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in owner.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/x-protobuf")
            collector.receive(self.rfile.read(int(self.headers["Content-Length"])))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(server)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def traced() -> Iterator[tuple[str, Collector]]:
    """Start a service that sends its traces often, and a collector that receives them."""
    with (
        collecting() as collector,
        serving.service(DIGITS_TRACES=collector.url, OTEL_BSP_SCHEDULE_DELAY="20") as (url, _),
    ):
        yield url, collector


@pytest.fixture(scope="module")
def seven(encode, splits) -> bytes:
    return encode(splits.test.digits[0])


def check_order(span: Span, inside: list[Span]) -> None:
    """Check that the stages follow each other within their request, on this machine's clock."""
    times = [span.start_time_unix_nano]
    for child in inside:
        assert child.trace_id == span.trace_id
        times += [child.start_time_unix_nano, child.end_time_unix_nano]
    times.append(span.end_time_unix_nano)
    assert times == sorted(times)
    assert abs(time.time_ns() - times[-1]) < serving.PATIENCE * 1e9


def test_a_prediction_is_a_span_with_its_stages_in_the_client_s_trace(traced, seven):
    url, collector = traced
    trace, parent = OUTSIDE
    headers = PNG | {"X-Request-ID": "one", "traceparent": f"00-{trace}-{parent}-01", "tracestate": "me=1"}
    reply = requests.post(f"{url}/predict?canonical=1", data=seven, headers=headers, timeout=5)
    span, inside = collector.request("one")
    assert (span.name, span.kind) == ("POST /predict", Span.SPAN_KIND_SERVER)
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.trace_state) == (trace, parent, "me=1")
    assert values(span) == {
        "http.request.method": "POST",
        "http.route": "/predict",
        "http.response.status_code": 200,
        "digits.request_id": "one",
        "digits.model.version": reply.json()["model"]["version"],
        "digits.images": 1,
        "digits.verdict": "accepted",
    }
    assert [child.name for child in inside] == STAGES
    assert all(child.end_time_unix_nano > child.start_time_unix_nano for child in inside)
    check_order(span, inside)
    assert collector.services == {"digits"}


def test_every_kind_of_request_has_the_spans_of_its_stages(traced, seven, encode, splits, form):
    url, collector = traced
    blank = encode(splits.test.digits[0] * 0)
    photo = encode(np.kron(255 - splits.test.digits[0], np.ones((40, 40), np.uint8)), "JPEG")
    pixels = {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 28, 28],
                          "data": splits.test.digits[0].ravel().tolist()}]}  # fmt: skip
    body, multipart = form(seven, b"broken", blank)
    many = splits.test.digits[:200]
    asked = {
        "blank": ("/predict", blank, "image/png", "blank", 1, STAGES),
        "photo": ("/predict", photo, "image/jpeg", "accepted", 1, ["queue", *STAGES]),
        "form": ("/predict", body, multipart, "accepted,blank,undecodable_image", 3, ["queue", *STAGES]),
        "infer": ("/v2/models/digits/infer", json.dumps(pixels).encode(), "application/json", "accepted", 1, STAGES),
        "number": ("/read", photo, "image/jpeg", None, 1, ["queue", "decode", "layout", "read"]),
        "many": ("/predict", many.tobytes(), "application/octet-stream", None, 200, ["queue", *STAGES]),
    }
    for name, (path, data, content_type, verdict, images, stages) in asked.items():
        headers = {"Content-Type": content_type, "X-Request-ID": name}
        assert requests.post(url + path, data=data, headers=headers, timeout=5).status_code == 200
        span, inside = collector.request(name)
        attributes = values(span)
        assert attributes["http.route"] == path.replace("/digits/", "/<name>/")
        assert attributes["digits.images"] == images
        assert verdict is None or attributes["digits.verdict"] == verdict
        assert [child.name for child in inside] == stages
        assert span.parent_span_id == b""
        check_order(span, inside)


def test_each_of_many_requests_at_once_has_stages_of_its_own(traced, seven):
    url, collector = traced

    def ask(n: int) -> int:
        headers = PNG | {"X-Request-ID": f"many-{n}"}
        return requests.post(f"{url}/predict", data=seven, headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(ask, range(200))) == {200}
    for n in range(200):
        span, inside = collector.request(f"many-{n}")
        assert [child.name for child in inside] == STAGES
        check_order(span, inside)


def test_refusals_have_an_error_type_and_pages_are_traced_too(traced):
    url, collector = traced

    def ask(name: str, method: str, path: str, **options) -> Span:
        named = {"X-Request-ID": name} | options.pop("headers", {})
        requests.request(method, url + path, headers=named, timeout=5, **options)
        return collector.request(name)[0]

    span = ask("bad", "POST", "/predict", data=b"broken", headers=PNG)
    assert values(span)["error.type"] == "undecodable_image"
    assert (values(span)["http.response.status_code"], span.status.code) == (400, Status.STATUS_CODE_UNSET)
    assert ask("live", "GET", "/health/live").name == "GET /health/live"
    assert values(ask("lost", "GET", "/secret"))["http.response.status_code"] == 404
    assert ask("odd", "PROPFIND", "/health/live").name.startswith("_OTHER ")
    span = ask("load", "POST", "/v2/repository/models/digits/load")
    assert (values(span)["http.response.status_code"], span.status.code) == (503, Status.STATUS_CODE_ERROR)


def test_a_request_that_its_client_does_not_sample_is_not_sampled(traced, seven):
    url, collector = traced
    trace, parent = "0" * 31 + "1", OUTSIDE[1]
    for name, flags in (("unsampled", "00"), ("sampled", "01")):
        headers = PNG | {"X-Request-ID": name, "traceparent": f"00-{trace}-{parent}-{flags}"}
        assert requests.post(f"{url}/predict", data=seven, headers=headers, timeout=5).status_code == 200
    sampled, inside = collector.request("sampled")
    ours = [span.span_id for span in collector.spans if span.trace_id.hex() == trace]
    assert sorted(ours) == sorted([sampled.span_id, *(child.span_id for child in inside)])


def test_the_remaining_spans_are_sent_when_the_service_stops(seven):
    with collecting() as collector:
        settings = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "OTEL_SERVICE_NAME": "reader"}
        with serving.service(DIGITS_TRACES=collector.url, **settings) as (url, _):
            headers = PNG | {"X-Request-ID": "last"}
            assert requests.post(f"{url}/predict", data=seven, headers=headers, timeout=5).status_code == 200
            assert collector.spans == []
        assert "last" in [values(span).get("digits.request_id") for span in collector.spans]
        assert collector.services == {"reader"}


def test_a_collector_that_does_not_answer_fails_no_request_and_does_not_delay_the_stop(seven):
    nowhere = f"http://127.0.0.1:{serving.free_port()}/v1/traces"
    with serving.service(DIGITS_TRACES=nowhere) as (url, process):
        for _ in range(20):
            assert requests.post(f"{url}/predict", data=seven, headers=PNG, timeout=5).json()["digit"] == 7
        process.terminate()
        output, _ = process.communicate(timeout=serving.PATIENCE)
    assert process.returncode == 0
    assert "Failed to export" in output
    assert len(output.splitlines()) <= 4


def test_without_the_libraries_of_tracing_the_service_says_what_to_install(tmp_path):
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("")  # hides the installed package
    environment = serving.environment(DIGITS_TRACES="http://127.0.0.1:4318/v1/traces", PYTHONPATH=str(tmp_path))
    command = [sys.executable, "-m", "service"]
    ended = subprocess.run(command, cwd=serving.ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("service: DIGITS_TRACES: the module opentelemetry.")
    assert line.endswith(" is not installed; run pip install -r requirements/production.txt")


@pytest.mark.parametrize("endpoint", ["collector:4318", "http://", "http://collector:many"])
def test_a_bad_endpoint_is_refused(endpoint):
    with pytest.raises(ConfigError, match=r"^DIGITS_TRACES: must be"):
        tracing.check(Config.from_environment({"DIGITS_TRACES": endpoint}).traces)


def test_a_bad_endpoint_stops_the_start_with_one_line():
    command, environment = [sys.executable, "-m", "service"], serving.environment(DIGITS_TRACES="http://collector:many")
    ended = subprocess.run(command, cwd=serving.ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert ended.stderr.startswith("service: DIGITS_TRACES: must be")
    assert len(ended.stderr.splitlines()) == 1


def test_without_traces_no_library_of_tracing_is_loaded():
    code = (
        "import sys; from service import create_app; create_app(); import service.server.settings; print(*sys.modules)"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(
        command, cwd=serving.ROOT, env=serving.environment(), capture_output=True, text=True, check=True, timeout=30
    )
    assert "service.observability.tracing" in ended.stdout.split()
    assert "opentelemetry" not in ended.stdout
