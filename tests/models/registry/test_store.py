import json
import shutil

import pytest

from models.errors import ArtifactCorrupt, ArtifactMissing, StoreUnwritable
from models.registry.store import ARTIFACTS, Store


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
    assert sorted(path.name for path in store.root.iterdir()) == ["1", "2", "labels.json"]


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


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"other": 1}', '{"stable": "1"}', '{"stable": true}', '{"stable": 1.0}',
        '{"stable": 1, "earlier": 1}', '{"stable": 1, "earlier": ["1"]}',
    ],
)  # fmt: skip
def test_broken_labels_are_refused(store, text):
    (store.root / "labels.json").write_text(text)
    with pytest.raises(ArtifactCorrupt, match=r"labels\.json"):
        store.labels()


def test_a_publication_that_fails_leaves_nothing(tmp_path, committed):
    store = Store(tmp_path / "digits")
    with pytest.raises(StoreUnwritable, match=r"digits/1: cannot be written \(.*absent"):
        store.publish(tmp_path / "absent")
    assert list(store.root.iterdir()) == []


def test_the_committed_store_is_small_and_reported(committed):
    size = sum(path.stat().st_size for path in committed.root.rglob("*") if path.is_file())
    report = json.loads((committed.resolve(1) / "report.json").read_text())
    assert size < 30e6
    assert report["preset"]["name"] == "cnn"
    assert report["test"]["accuracy"] >= 0.992
    assert report["engine_disagreement"] <= 1e-4
