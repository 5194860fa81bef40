"""python -m tests.cluster.scoring: read pictures on Ray clusters of one, two and three nodes, and lose one in the middle.

Each node is a process tree of its own with one core. Each run must write the bytes of a run without Ray. The pictures a
second say how nodes add up where there is a core for each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ray.cluster_utils import Cluster

from tests.benchmarks.scoring.command import ROOT, write_archive

PICTURES = int(os.environ.get("PICTURES", "60000"))
PATIENCE = 600
"""Seconds for a run."""


def main() -> None:
    """Read the same archive on this machine, on each cluster, and on one that loses a node."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with tempfile.TemporaryDirectory(prefix="digits-") as scratch:
        archive = write_archive(Path(scratch) / "mnist.zip", PICTURES)
        alone = Path(scratch) / "alone"
        start(archive, alone, {"WORKERS": "1"}).wait(PATIENCE)
        expected = results(alone)
        for nodes in (1, 2, 3):
            out = Path(scratch) / f"nodes{nodes}"
            seconds = run_on(nodes, archive, out)
            assert results(out) == expected, f"{nodes} nodes wrote other bytes"
            print(f"{nodes} nodes: {PICTURES / seconds:,.0f} pictures a second")
        out = Path(scratch) / "lost"
        run_on(2, archive, out, lose=True)
        assert results(out) == expected, "a lost node left other bytes"
        print("2 nodes, one of which was killed: every row once, the same bytes")


def run_on(nodes: int, archive: Path, out: Path, lose: bool = False) -> float:
    """Read on a cluster; kill its last node once the first shard is there if it is to be lost. Returns seconds."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        added = [cluster.add_node(num_cpus=1) for _ in range(nodes - 1)]
        cluster.wait_for_nodes()
        began = time.monotonic()
        process = start(archive, out, {"RAY_ADDRESS": cluster.address})
        if lose:
            while not list(out.glob("part-*")):
                assert process.poll() is None, "it ended before the node was lost"
                time.sleep(0.01)
            cluster.remove_node(added[-1], allow_graceful=False)
        assert process.wait(PATIENCE) == 0
        return time.monotonic() - began
    finally:
        cluster.shutdown()


def start(archive: Path, out: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the command as a user does."""
    words = [sys.executable, "-m", "service.score", archive.name, "--out", str(out)]
    return subprocess.Popen(words, cwd=archive.parent, env=os.environ | {"PYTHONPATH": str(ROOT)} | settings)


def results(out: Path) -> dict[str, bytes]:
    """Read every file of results."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.*"))
            if path.is_file() and path.name != ".lock"}  # fmt: skip


if __name__ == "__main__":
    main()
