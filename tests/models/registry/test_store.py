import errno
import fcntl
import json
import os
import shutil

import pytest

from models.errors import ArtifactCorrupt, ArtifactMissing, StoreUnwritable
from models.registry.store import ARTIFACTS, REMEMBERED, Store


@pytest.fixture
def committed():
    return Store(ARTIFACTS / "digits")


@pytest.fixture
def store(tmp_path, committed):
    store = Store(tmp_path / "digits")
    store.publish(committed.resolve(1))
    store.publish(committed.resolve(1))
    return store


def test_versions_are_numbered_and_labels_point_at_them(store):
    assert store.versions() == [1, 2]
    assert store.labels() == {"stable": None, "canary": None}
    store.promote(2)
    store.promote(1, "canary")
    assert store.labels() == {"stable": 2, "canary": 1}
    assert store.resolve("stable") == store.resolve(2) == store.resolve("2") == store.root / "2"
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", "1", "2", "labels.json"]


@pytest.mark.parametrize("which", ["stable", "canary", "newest", 7, "7", "-1", "", "1/../1"])
def test_an_unknown_version_is_refused_with_a_list_of_the_known_ones(store, which):
    with pytest.raises(ArtifactMissing, match=r"versions there: 1, 2"):
        store.resolve(which)


def test_an_empty_store_says_how_to_fill_it(tmp_path):
    with pytest.raises(ArtifactMissing, match="make train"):
        Store(tmp_path / "nowhere").resolve()


def test_an_unknown_version_is_not_promoted(store):
    with pytest.raises(ArtifactMissing):
        store.promote(3)
    assert store.labels()["stable"] is None


def test_each_rollback_returns_to_the_stable_version_before(store, committed):
    store.publish(committed.resolve(1))
    for version in (1, 2, 2, 3):
        store.promote(version)
    store.promote(3, "canary")
    assert [store.rollback(), store.rollback()] == [2, 1]
    assert store.labels() == {"stable": 1, "canary": 3}
    with pytest.raises(ArtifactMissing, match="was stable before 1; promote one of 1, 2, 3"):
        store.rollback()


def test_a_rollback_skips_a_version_that_is_gone(store, committed):
    store.publish(committed.resolve(1))
    for version in (1, 2, 3):
        store.promote(version)
    shutil.rmtree(store.resolve(2))
    assert store.rollback() == 1


def test_labels_without_a_history_are_read(store):
    (store.root / "labels.json").write_text('{"stable": 1, "canary": null}')
    store.promote(2)
    assert store.rollback() == 1


def test_the_versions_remembered_are_bounded(store):
    for _ in range(REMEMBERED):
        store.promote(1)
        store.promote(2)
    assert len(json.loads((store.root / "labels.json").read_bytes())["earlier"]) == REMEMBERED
    assert store.rollback() == 1


def test_a_check_that_fails_keeps_the_label(store):
    def check(directory):
        raise ArtifactCorrupt(str(directory))

    store.promote(1)
    store.promote(2)
    with pytest.raises(ArtifactCorrupt, match=str(store.root / "1")):
        store.rollback(check)
    assert store.labels()["stable"] == 2
    assert store.rollback() == 1


def test_an_incomplete_version_keeps_its_number(store):
    (store.root / "7").mkdir()
    assert store.publish(store.resolve(1)) == 8


def test_a_version_is_promoted_only_if_it_is_better_than_the_stable_one(store):
    seen = []
    assert store.promote_if(1, lambda stable: not seen.append(stable))
    assert not store.promote_if(2, lambda stable: bool(seen.append(stable)))
    assert (seen, store.labels()["stable"]) == ([None, 1], 1)


def test_labels_are_readable_by_every_user(store):
    store.promote(1)
    assert (store.root / "labels.json").stat().st_mode & 0o777 == 0o644


def test_reading_needs_no_lock_file(store):
    store.promote(2)
    (store.root / ".lock").unlink()
    read = Store(store.root)
    assert (read.versions(), read.labels()["stable"], read.resolve().name) == ([1, 2], 2, "2")
    assert not (store.root / ".lock").exists()


def test_a_file_system_without_locks_is_named(store, monkeypatch):
    def flock(descriptor, operation):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(StoreUnwritable, match=r"has no locks \(flock\); use one that has"):
        store.promote(1)
    with pytest.raises(StoreUnwritable, match=r"has no locks \(flock\); use one that has"):
        store.publish(store.resolve(1))
    assert store.labels()["stable"] is None
    assert store.versions() == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[" * 100_000, "[]", '{"other": 1}', '{"stable": "1"}', '{"stable": true}', '{"stable": 1.0}',
        '{"stable": 1, "earlier": 1}', '{"stable": 1, "earlier": ["1"]}',
    ],
)  # fmt: skip
def test_broken_labels_are_refused(store, text):
    (store.root / "labels.json").write_text(text)
    with pytest.raises(ArtifactCorrupt, match=r"labels\.json"):
        store.labels()


def test_labels_that_are_too_large_or_a_pipe_are_refused(store):
    path = store.root / "labels.json"
    path.touch()
    os.truncate(path, 1 << 40)  # a file of holes
    with pytest.raises(ArtifactCorrupt, match=r"labels\.json: not valid JSON \(over 1,048,576 bytes"):
        store.labels()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ArtifactCorrupt, match=r"labels\.json: not valid JSON \(not a file"):
        store.labels()


def test_a_publication_that_fails_leaves_nothing(tmp_path, committed):
    store = Store(tmp_path / "digits")
    with pytest.raises(StoreUnwritable, match=r"digits: no version can be written \(.*absent.*and promote it"):
        store.publish(tmp_path / "absent")
    assert [path.name for path in store.root.iterdir()] == [".lock"]


def test_the_committed_store_is_small_and_reported(committed):
    size = sum(path.stat().st_size for path in committed.root.rglob("*") if path.is_file())
    report = json.loads((committed.resolve(1) / "report.json").read_text())
    assert size < 30e6
    assert report["preset"]["name"] == "cnn"
    assert report["test"]["accuracy"] >= 0.992
    assert report["engine_disagreement"] <= 1e-4
