"""A run that ends anywhere is gone on with: no row is lost, none is there twice, and the bytes are those of one run."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import zipfile

import pyarrow.parquet as pq
import pytest

from service.score.output import JOB_FILE, TALLIES
from tests import serving

PICTURES = 13_000
"""Four shards."""


@pytest.fixture(scope="module")
def archive(pngs, tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "mnist.zip"
    with zipfile.ZipFile(path, "w") as written:
        for number in range(PICTURES):
            written.writestr(f"{number:05}.png", pngs[number % len(pngs)])
    return path


@pytest.fixture(scope="module")
def whole(score, archive, tmp_path_factory):
    """The results of a run that nobody disturbed."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert score(archive, "--out", out)[0] == 0
    return files(out)


def files(out):
    """Everything that a run leaves, but for what keeps others out."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*"))
            if path.is_file() and path.name != ".lock"}  # fmt: skip


@pytest.fixture
def finished(whole, tmp_path):
    """A directory of results as that run left it."""
    out = tmp_path / "out"
    (out / TALLIES).mkdir(parents=True)
    for name, content in whole.items():
        (out / name).write_bytes(content)
    return out


def shards(out):
    return sorted(out.glob("part-*.parquet")) if out.exists() else []


def rows(out):
    return [row["path"] for shard in shards(out) for row in pq.read_table(shard).to_pylist()]


def wait_for(condition, process):
    """Wait until a condition holds, while the process runs."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr.read()
        os.sched_yield()


def children(process):
    return [int(pid) for pid in subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()]  # fmt: skip


def scoring(process):
    """The processes that score."""
    found = []
    for pid in children(process):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if b"spawn_main" in file.read():
                    found.append(pid)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_any_number_of_processes_writes_the_same_bytes(score, archive, whole, tmp_path, workers):
    status, said = score(archive, "--out", tmp_path / "out", WORKERS=workers)
    assert (status, files(tmp_path / "out")) == (0, whole), said


@pytest.mark.parametrize("done", [0, 1, 2])
def test_a_killed_run_goes_on_and_loses_or_doubles_no_row(command, score, archive, whole, tmp_path, done):
    out = tmp_path / "out"
    process = command(archive, "--out", out)
    wait_for(lambda: len(shards(out)) >= done and (done or scoring(process)), process)
    process.kill()
    process.communicate()
    kept = {path.name: path.stat().st_mtime_ns for path in shards(out)}
    assert len(kept) >= done
    status, said = score(archive, "--out", out)
    assert status == 0, said
    assert files(out) == whole
    assert rows(out) == [f"{archive}/{number:05}.png" for number in range(PICTURES)]
    assert {name: (out / name).stat().st_mtime_ns for name in kept} == kept  # what was done is not done again


def test_a_run_killed_with_all_its_processes_again_and_again_comes_to_the_same(
    command, archive, whole, score, tmp_path
):
    out = tmp_path / "out"
    for done in range(3):
        process = command(archive, "--out", out, WORKERS="2")
        wait_for(lambda done=done: len(shards(out)) > done, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert score(archive, "--out", out)[0] == 0
    assert files(out) == whole


def test_a_killed_process_is_replaced_and_its_shard_begun_again(command, archive, whole, tmp_path):
    out = tmp_path / "out"
    process = command(archive, "--out", out, WORKERS="2")
    wait_for(lambda: shards(out) and scoring(process), process)
    os.kill(scoring(process)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert files(out) == whole


def test_the_processes_of_a_killed_run_end(command, archive, tmp_path):
    process = command(archive, "--out", tmp_path / "out")
    wait_for(lambda: scoring(process), process)
    pids = scoring(process)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 30
    while any(os.path.exists(f"/proc/{pid}") for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ctrl_c_ends_tidily_and_the_next_run_goes_on(command, score, archive, whole, tmp_path):
    out = tmp_path / "out"
    process = command(archive, "--out", out)
    wait_for(lambda: shards(out), process)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.strip().endswith("score: ended by Ctrl-C; the same command goes on from here")
    assert "Traceback" not in said
    assert not list(out.rglob(".incoming-*"))
    assert score(archive, "--out", out)[0] == 0
    assert files(out) == whole


def test_a_second_run_scores_nothing_again(score, archive, finished):
    before = {path: path.stat().st_mtime_ns for path in shards(finished)}
    assert score(archive, "--out", finished)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in shards(finished)} == before


def test_a_shard_without_its_tally_is_scored_again(score, archive, whole, finished):
    next((finished / TALLIES).iterdir()).unlink()
    assert score(archive, "--out", finished)[0] == 0
    assert files(finished) == whole


def test_sources_that_changed_between_runs_are_noticed_and_scored_anew(score, pngs, tmp_path):
    folder, out = tmp_path / "source", tmp_path / "out"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.png").write_bytes(pngs[number])
    assert score(folder, "--out", out)[0] == 0
    (folder / "0.png").write_bytes(pngs[9])
    (folder / "4.png").write_bytes(pngs[4])
    status, said = score(folder, "--out", out)
    assert status == 0
    assert "1 shards were of sources that have changed since" in said
    (shard,) = shards(out)
    assert [row["answer"] for row in pq.read_table(shard).to_pylist()] == list("92104")
    assert len(list((out / TALLIES).iterdir())) == 1


def test_a_source_that_changes_while_it_is_read_gives_no_rows(command, score, archive, tmp_path):
    source, out = tmp_path / "mnist.zip", tmp_path / "out"
    source.write_bytes(archive.read_bytes())
    process = command(source, "--out", out)
    wait_for(lambda: shards(out), process)
    os.utime(source, (1, 1))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"{source} changed while it was read" in said
    assert score(source, "--out", out)[0] == 0
    assert len(rows(out)) == PICTURES


@pytest.mark.parametrize("words", [["--format", "csv"], ["--as", "number"]], ids=str)
def test_results_of_something_else_are_not_mixed(score, archive, whole, finished, words):
    status, said = score(archive, "--out", finished, *words)
    assert status == 1
    assert "name another directory with --out" in said
    assert files(finished) == whole


def test_a_directory_of_other_files_is_left_alone(score, archive, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    status, said = score(archive, "--out", tmp_path)
    assert status == 1
    assert "holds other files" in said
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == ["mine.txt"]


def test_results_within_the_source_are_no_source(score, pngs, tmp_path):
    (tmp_path / "0.png").write_bytes(pngs[0])
    for _ in range(2):
        assert score(tmp_path, "--out", tmp_path / "out")[0] == 0
    assert rows(tmp_path / "out") == [f"{tmp_path}/0.png"]


def test_a_mistake_in_the_sources_does_not_spoil_the_directory(score, tmp_path):
    out = tmp_path / "out"
    status, said = score(tmp_path / "nothing", "--out", out)
    assert (status, "there is no such file or folder" in said) == (1, True)
    assert (out / JOB_FILE).exists()
    assert score(serving.ROOT / "docs/seven.png", "--out", out)[0] == 0
