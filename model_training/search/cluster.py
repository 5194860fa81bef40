"""Variations measured on a Ray cluster, one for each of its cores."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import ray

from model_training.search.search import Submit
from model_training.search.variation import Bench, Outcome, Variation

ROOT = Path(__file__).parents[2]


def connect(address: str, bench: Bench) -> tuple[Submit, int]:
    """Join a cluster, whose nodes need this project's requirements but neither its code nor any digits.

    Args:
        address: of the cluster's head, `host:port`, or `auto` for one on this machine.
        bench: which measures; every node gets it once.

    Returns:
        What measures a variation there, and how many at a time.
    """
    excluded = [".venv", ".bench", ".git", "runs", "reports", "searches", "docs", "models/artifacts", "tests"]
    environment = {"working_dir": str(ROOT), "excludes": excluded}
    ray.init(address, runtime_env=environment, log_to_driver=False, logging_level="warning")
    there = ray.put(bench)
    remote = ray.remote(num_cpus=1)(_measure_there)

    def submit(variation: Variation) -> Future[Outcome]:
        return remote.remote(there, variation).future()

    return submit, int(ray.cluster_resources()["CPU"])


def _measure_there(bench: Bench, variation: Variation) -> Outcome:
    return replace(bench.measure(variation), node=ray.get_runtime_context().get_node_id())
