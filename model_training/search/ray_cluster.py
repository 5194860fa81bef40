"""Measure trials on a Ray cluster, one on each of its cores."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import ray

from model_training.search.study import Submit
from model_training.search.trial import HyperParameters, Objective, Outcome

ROOT = Path(__file__).parents[2]


def connect(address: str, objective: Objective) -> tuple[Submit, int]:
    """Connect to a cluster, whose nodes need this project's requirements but neither its code nor any data.

    Args:
        address: of the cluster's head, `host:port`, or `auto` for one on this machine.
        objective: sent to each node once.

    Returns:
        A function that measures hyper-parameters there, and how many trials run at a time.
    """
    excluded = [".venv", ".bench", ".git", "runs", "reports", "searches", "docs", "models/artifacts", "tests"]
    environment = {"working_dir": str(ROOT), "excludes": excluded}
    ray.init(address, runtime_env=environment, log_to_driver=False, logging_level="warning")
    stored = ray.put(objective)
    remote = ray.remote(num_cpus=1)(_measure)

    def submit(chosen: HyperParameters) -> Future[Outcome]:
        return remote.remote(stored, chosen).future()

    return submit, int(ray.cluster_resources()["CPU"])


def _measure(objective: Objective, chosen: HyperParameters) -> Outcome:
    return replace(objective.measure(chosen), node=ray.get_runtime_context().get_node_id())
