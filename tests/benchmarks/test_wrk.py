from __future__ import annotations

import pytest

from tests.benchmarks import wrk

OUTPUT = """Running 5s test @ http://127.0.0.1:8200/predict
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.40ms  310.00us   9.80ms   90.00%
    Req/Sec    11.50k     0.30k   12.00k    80.00%
  57500 requests in 5.00s, 25.00MB read
Requests/sec:  11500.00
Transfer/sec:      5.00MB
{"requests": 57500, "duration_us": 5000000, "p50_us": 1350, "p99_us": 2900.5, "status_errors": 500, "socket_errors": 3}
"""


def test_a_load_is_read_from_the_last_line_that_wrk_prints() -> None:
    load = wrk.parse(OUTPUT)
    assert (load.p50_ms, load.p99_ms) == (1.35, 2.9005)
    assert (load.status_errors, load.socket_errors) == (500, 3)


def test_refused_requests_do_not_count() -> None:
    assert wrk.parse(OUTPUT).requests_per_second == 57_000 / 5


@pytest.mark.parametrize("output", ["", "Running 5s test\nRequests/sec: 0\n"])
def test_output_without_a_result_is_an_error(output: str) -> None:
    with pytest.raises(wrk.WrkFailed):
        wrk.parse(output)
