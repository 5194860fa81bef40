"""Corrections are stored in SQLite and in PostgreSQL."""

import json
import random
import sqlite3
import threading
from datetime import timedelta

import pytest

from models.errors import CorrectionsFull, CorrectionsUnavailable, RequestTooLarge, UnusableInput
from models.registry import corrections
from models.registry.corrections import Correction, Corrections
from tests import postgresql

STROKES = [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.5]]]


@pytest.fixture(scope="module")
def server():
    with postgresql.running() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/corrections.db"
    return postgresql.empty(request.getfixturevalue("server"))


def make_correction(**values):
    defaults = {"label": 7, "png": b"\x89PNG\x00", "strokes": STROKES, "predicted": 1, "model": "digits 1"}
    return Correction(**(defaults | values))


def test_stored_corrections_are_returned_in_order(url):
    made = [make_correction(), make_correction(label=None, strokes=[], predicted=None)]
    for correction in made:
        Corrections(url).add(correction)
    assert list(Corrections(url)) == made


def test_the_predicted_digit_is_stored_in_the_column_said(tmp_path):
    path = tmp_path / "corrections.db"
    Corrections(f"sqlite:///{path}").add(make_correction(predicted=3))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT said FROM corrections").fetchall() == [(3,)]
    connection.close()


def test_a_correction_is_withdrawn_once_by_its_id(url):
    withdrawn, other = make_correction(), make_correction()
    stored = Corrections(url)
    stored.add(withdrawn)
    stored.add(other)
    assert stored.remove(withdrawn.id)
    assert not stored.remove(withdrawn.id)
    assert list(stored) == [other]


def test_too_many_corrections_in_a_minute_are_refused_until_it_is_over(url, monkeypatch):
    monkeypatch.setattr(corrections, "PER_MINUTE", 2)
    stored = Corrections(url)
    stored.add(make_correction())
    stored.add(make_correction())
    with pytest.raises(CorrectionsFull, match="in a minute"):
        stored.add(make_correction())
    with pytest.raises(CorrectionsFull, match="in a minute"):
        stored.check()  # so that the next one is not even read
    stored.add(make_correction(made=make_correction().made + timedelta(seconds=61)))


def test_a_full_table_accepts_no_more_corrections(url, monkeypatch):
    monkeypatch.setattr(corrections, "MOST", 1)
    stored = Corrections(url)
    stored.add(make_correction())
    with pytest.raises(CorrectionsFull, match="exported first"):
        stored.add(make_correction())


def test_corrections_of_a_clock_that_was_ahead_do_not_count_as_those_of_this_minute(url, monkeypatch):
    monkeypatch.setattr(corrections, "PER_MINUTE", 2)
    stored = Corrections(url)
    for _ in range(2):
        stored.add(make_correction(made=make_correction().made + timedelta(days=1)))
    stored.add(make_correction())
    stored.add(make_correction(made=make_correction().made + timedelta(seconds=5)))  # of another machine
    with pytest.raises(CorrectionsFull, match="in a minute"):
        stored.add(make_correction())


def test_the_bytes_of_one_correction_are_bounded(url):
    stored = Corrections(url)
    room = corrections.MAX_BYTES - len(json.dumps(STROKES))
    stored.add(make_correction(png=bytes(room)))
    with pytest.raises(RequestTooLarge, match=r"take 65,537 bytes of at most 65,536; send fewer points or less ink"):
        stored.add(make_correction(png=bytes(room + 1)))
    with pytest.raises(RequestTooLarge, match=r"of at most 65,536"):
        stored.add(make_correction(strokes=[[[-999990.1234, 999998.4321]] * 3000]))
    assert len(list(stored)) == 1


def test_the_bytes_of_all_corrections_are_bounded_on_disk_and_free_again_when_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(corrections, "MAX_STORED", 1 << 20)
    path = tmp_path / "corrections.db"
    stored = Corrections(f"sqlite:///{path}")
    made = [make_correction(png=bytes(60_000)) for _ in range(30)]
    with pytest.raises(CorrectionsFull, match="1 MiB of corrections are stored; have them exported and deleted first"):
        list(map(stored.add, made))
    assert len(list(stored)) > 10
    assert path.stat().st_size <= 1 << 20
    for correction in made:
        stored.remove(correction.id)
    stored.add(make_correction())


def test_the_bytes_of_all_corrections_are_bounded_in_postgresql(server, monkeypatch):
    stored = Corrections(postgresql.empty(server))
    stored.add(make_correction(png=random.Random(0).randbytes(60_000)))
    monkeypatch.setattr(corrections, "MAX_STORED", corrections.MAX_BYTES + 60_000)
    with pytest.raises(CorrectionsFull, match="exported and deleted first"):
        stored.add(make_correction())


def test_text_that_postgresql_cannot_store_is_refused_by_every_database(url):
    with pytest.raises(UnusableInput, match=r'"model" must not hold the character U\+0000'):
        Corrections(url).add(make_correction(model="digits\0 1"))
    assert not Corrections(url).remove("\0" * 32)
    assert list(Corrections(url)) == []


def test_a_correction_that_is_sent_again_with_its_key_is_stored_once(url):
    first = make_correction()
    assert Corrections(url).add(first, "a key") == first.id
    assert Corrections(url).add(make_correction(), "a key") == first.id
    assert Corrections(url).add(make_correction(), "another key") != first.id
    assert len(list(Corrections(url))) == 2


def test_a_key_is_answered_although_no_further_correction_is_accepted(url, monkeypatch):
    first = make_correction()
    Corrections(url).add(first, "a key")
    monkeypatch.setattr(corrections, "MOST", 0)
    assert Corrections(url).add(make_correction(), "a key") == first.id


@pytest.mark.parametrize("other", [{"label": 1}, {"predicted": 2}, {"model": ""}, {"png": b"\x89PNG"}, {"strokes": []}])
def test_a_key_is_for_one_correction(url, other):
    Corrections(url).add(make_correction(), "a key")
    with pytest.raises(UnusableInput, match="choose a new one") as refused:
        Corrections(url).add(make_correction(**other), "a key")
    assert refused.value.code == "idempotency_key_reused"
    assert len(list(Corrections(url))) == 1


def test_a_withdrawn_correction_that_is_sent_again_late_is_not_stored(url):
    first = make_correction()
    Corrections(url).add(first, "a key")
    Corrections(url).remove(first.id)
    assert Corrections(url).add(make_correction(), "a key") == first.id
    assert list(Corrections(url)) == []


@pytest.mark.parametrize("days", [-1.01, 1.01])
def test_a_key_is_forgotten_after_a_day_whatever_the_clock_was(url, days):
    Corrections(url).add(make_correction(made=make_correction().made + timedelta(days=days)), "a key")
    second = make_correction(label=2)
    assert Corrections(url).add(second, "a key") == second.id


def test_workers_that_get_one_correction_at_once_store_it_once(url):
    found = []
    workers = [
        threading.Thread(target=lambda: found.append(Corrections(url).add(make_correction(), "a key")))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 8
    assert set(found) == {correction.id for correction in Corrections(url)}


def test_corrections_are_stored_while_an_export_stops_in_the_middle(url, monkeypatch):
    monkeypatch.setattr(corrections, "PAGE", 2)
    made = [make_correction() for _ in range(5)]
    for correction in made:
        Corrections(url).add(correction)
    export = iter(Corrections(url))
    read = [next(export)]
    late = make_correction()
    Corrections(url).add(late)
    Corrections(url).remove(made[3].id)
    read.extend(export)
    assert read == [*made[:3], made[4], late]


def test_a_table_of_before_keeps_its_corrections(tmp_path):
    path = tmp_path / "corrections.db"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE corrections (id VARCHAR(32) NOT NULL PRIMARY KEY, made DATETIME NOT NULL, label SMALLINT,"
        " said SMALLINT, model VARCHAR(80) NOT NULL, png BLOB NOT NULL, strokes JSON NOT NULL)"
    )
    connection.execute("CREATE INDEX ix_corrections_made ON corrections (made)")
    connection.execute(
        "INSERT INTO corrections VALUES (?, '2026-11-24 10:00:00.000000', 7, 1, 'digits 1', x'89', '[]')", ["a" * 32]
    )
    connection.commit()
    connection.close()
    stored = Corrections(f"sqlite:///{path}")
    new = make_correction()
    assert stored.add(new, "a key") == stored.add(make_correction(), "a key") == new.id
    assert [correction.id for correction in stored] == ["a" * 32, new.id]


def test_workers_that_start_at_once_share_one_table(url):
    workers = [threading.Thread(target=lambda: Corrections(url).add(make_correction())) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(list(Corrections(url))) == 8


def test_an_unusable_database_is_reported_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    for url in (f"sqlite:///{tmp_path}/file/corrections.db", "postgresql://digits@127.0.0.1:1/none"):
        with pytest.raises(CorrectionsUnavailable, match=r"cannot be stored or read: .+"):
            Corrections(url).add(make_correction())
