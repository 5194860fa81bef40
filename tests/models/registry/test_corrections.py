"""Corrections are stored in SQLite and in PostgreSQL."""

import sqlite3
import threading
from datetime import timedelta

import pytest

from models.errors import CorrectionsFull, CorrectionsUnavailable
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
    url = request.getfixturevalue("server")
    for correction in Corrections(url):
        Corrections(url).remove(correction.id)
    return url


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
    stored.add(make_correction(made=make_correction().made + timedelta(seconds=61)))


def test_a_full_table_accepts_no_more_corrections(url, monkeypatch):
    monkeypatch.setattr(corrections, "MOST", 1)
    stored = Corrections(url)
    stored.add(make_correction())
    with pytest.raises(CorrectionsFull, match="exported first"):
        stored.add(make_correction())


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
