"""Score shards on a Ray cluster, by Ray Data, which begins the shards of a machine that is lost again elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from models.errors import DigitsError
from service.score.job import Job
from service.score.shard_scorer import ShardResult, ShardScorer
from service.score.shards import Shard

ROOT = Path(__file__).parents[2]
LEFT_OUT = [".venv", ".bench", ".git", "runs", "reports", "docs", "models/artifacts", "tests", "model_training"]
"""What the machines do not need; the models travel with the job."""


def run(shards: Iterable[Shard], job: Job, address: str) -> Iterator[ShardResult]:
    """Score shards on all cores of a cluster, whose machines have this project's requirements and reach its sources.

    Args:
        shards: to score.
        job: what they have in common.
        address: of the cluster's head, `host:port`, or `auto` for one on this machine.

    Raises:
        DigitsError: Ray is not installed.
    """
    try:
        import ray.data
    except ModuleNotFoundError as error:
        raise DigitsError(f"RAY_ADDRESS needs {error.name}; install requirements/score-cluster.txt") from None
    items = [{"shard": json.dumps(shard)} for shard in shards]
    if not items:
        return
    environment = {"working_dir": str(ROOT), "excludes": LEFT_OUT}
    ray.init(address, runtime_env=environment, log_to_driver=False, logging_level="warning")
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        cores = int(ray.cluster_resources()["CPU"])
        scored = ray.data.from_items(items, override_num_blocks=len(items)).map(
            _Scorer,
            fn_constructor_args=(job,),
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=cores),
            num_cpus=1,
        )
        for row in scored.iter_rows():
            yield ShardResult(**row)
    finally:
        ray.shutdown()


class _Scorer:
    """A process of the cluster."""

    def __init__(self, job: Job) -> None:
        os.environ["PYTHONPATH"] = os.getcwd()  # of the code, for the processes that this one starts
        with contextlib.suppress(OSError):  # of relative paths; there is none if all sources are elsewhere
            os.chdir(job.directory)
        self._scorer = ShardScorer(job)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Score a shard."""
        return self._scorer.score(Shard(*json.loads(row["shard"])))._asdict()
