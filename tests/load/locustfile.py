"""The file that locust loads: the users, the options, and the exit status by the limits."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from locust import events
from locust.env import Environment

from tests.load.limits import Limits, Outcome
from tests.load.loopback import refusal
from tests.load.users import Careless, Person, Program

__all__ = ["Careless", "Person", "Program"]


@events.init_command_line_parser.add_listener
def add_options(parser: ArgumentParser, **_: Any) -> None:
    group = parser.add_argument_group("Limits", "A run that breaks one exits with status 1")
    group.add_argument("--max-p99", type=float, metavar="MS", help="99th percentile of all requests, milliseconds")
    group.add_argument("--min-rps", type=float, metavar="N", help="requests per second")
    group.add_argument(
        "--max-failures", type=int, default=0, metavar="N", help="wrong statuses and wrong predictions (0)"
    )
    group.add_argument("--any-host", action="store_true", help="load a host that is not this machine")


@events.init.add_listener
def check_host(environment: Environment, **_: Any) -> None:
    if (reason := _refusal(environment)) is not None:
        sys.exit(f"load test: {reason}")


@events.test_start.add_listener
def check_host_again(environment: Environment, **_: Any) -> None:
    """Check the host when a test starts too, since locust's page can change it."""
    if (reason := _refusal(environment)) is not None and environment.runner is not None:
        print(f"load test: {reason}", file=sys.stderr)
        environment.runner.quit()


@events.quitting.add_listener
def apply_limits(environment: Environment, **_: Any) -> None:
    options, total = environment.parsed_options, environment.stats.total
    percentile = total.get_response_time_percentile
    outcome = Outcome(
        total.num_requests, total.num_failures, total.total_rps, percentile(0.5), percentile(0.95), percentile(0.99)
    )
    broken = Limits(options.max_p99, options.min_rps, options.max_failures).broken(outcome)
    environment.process_exit_code = 1 if broken else 0

    @environment.events.quit.add_listener
    def print_outcome(**_: Any) -> None:
        """Print the figures under locust's own tables."""
        print("", outcome, *(f"Limit broken: {reason}" for reason in broken), sep="\n", file=sys.stderr)


def _refusal(environment: Environment) -> str | None:
    return None if environment.parsed_options.any_host else refusal(environment.host or "")
