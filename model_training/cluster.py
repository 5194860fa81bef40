"""Variations measured on a Ray cluster, one for each of its cores."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import ray

from model_training.config import Preset
from model_training.dataset import Split
from model_training.search import Submit
from model_training.variation import Outcome, Variation, measure

ROOT = Path(__file__).parents[1]


def connect(address: str, preset: Preset, seed: int, train: Split, validation: Split) -> tuple[Submit, int]:
    """Join a cluster, whose nodes need this project's requirements but neither its code nor MNIST.

    Args:
        address: of the cluster's head, `host:port`, or `auto` for one on this machine.
        preset: that is varied.
        seed: of every training.
        train: MNIST's training split.
        validation: MNIST's validation split.

    Returns:
        What measures a variation there, and how many at a time.
    """
    excluded = [".venv", ".bench", ".git", "runs", "reports", "searches", "docs", "models/artifacts", "tests"]
    environment = {"working_dir": str(ROOT), "excludes": excluded, "env_vars": {"TF_CPP_MIN_LOG_LEVEL": "2"}}
    ray.init(address, runtime_env=environment, log_to_driver=False, logging_level="warning")
    data = ray.put(train), ray.put(validation)
    remote = ray.remote(num_cpus=1)(_measure_there)

    def submit(variation: Variation) -> Future[Outcome]:
        return remote.remote(preset, variation, seed, *data).future()

    return submit, int(ray.cluster_resources()["CPU"])


def _measure_there(preset: Preset, variation: Variation, seed: int, train: Split, validation: Split) -> Outcome:
    outcome = measure(preset, variation, seed, train, validation)
    return replace(outcome, node=ray.get_runtime_context().get_node_id())
