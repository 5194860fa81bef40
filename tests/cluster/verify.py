"""python -m tests.cluster.verify: search on a Ray cluster of two nodes, and check that both take part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ray.cluster_utils import Cluster

from model_training.search.study import JOURNAL

TRIALS = 4
ROOT = Path(__file__).parents[2]


def main() -> None:
    """Run four trials of `tiny` on two nodes of one core each, then two more in a second command."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        with tempfile.TemporaryDirectory(prefix="digits-") as scratch:
            tried = search(cluster.address, Path(scratch), TRIALS)
            assert len(tried) == TRIALS, tried
            nodes = {trial["node"] for trial in tried}
            assert len(nodes) == 2, f"all trials ran on {nodes}"
            again = search(cluster.address, Path(scratch), TRIALS + 2)
            assert len(again) == TRIALS + 2
            assert {trial["trial"] for trial in tried} <= {trial["trial"] for trial in again}
            assert len({trial["learning_rate"] for trial in again}) == TRIALS + 2
            assert (Path(scratch) / JOURNAL).stat().st_size > 0
    finally:
        cluster.shutdown()
    for trial in again:
        print(f"trial {trial['trial']}: validation loss {trial['loss']:.4f}, node {str(trial['node'])[:8]}")
    print(f"{len(again)} trials on two nodes of a Ray cluster, the last two after resuming.")


def search(address: str, to: Path, trials: int) -> list[dict[str, object]]:
    """Run the command as a user types it, and return its trials."""
    words = ["search", "--preset", "tiny", "--trials", str(trials), "--to", str(to), "--ray", address, "--json"]
    ended = subprocess.run(
        [sys.executable, "-m", "model_training", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=600
    )  # fmt: skip
    return json.loads(ended.stdout)["trials"]


if __name__ == "__main__":
    main()
