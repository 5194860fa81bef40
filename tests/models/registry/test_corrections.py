"""Corrections, in SQLite and in PostgreSQL."""

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
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/corrections.db"
    url = request.getfixturevalue("server")
    for correction in Corrections(url):
        Corrections(url).remove(correction.id)
    return url


def correction(**values):
    return Correction(
        **{"label": 7, "png": b"\x89PNG\x00", "strokes": STROKES, "said": 1, "model": "digits 1"} | values
    )


def test_what_was_added_comes_back_in_order(url):
    made = [correction(), correction(label=None, strokes=[], said=None)]
    for one in made:
        Corrections(url).add(one)
    assert list(Corrections(url)) == made


def test_whoever_knows_the_id_takes_it_back_once(url):
    one, other = correction(), correction()
    kept = Corrections(url)
    kept.add(one)
    kept.add(other)
    assert kept.remove(one.id)
    assert not kept.remove(one.id)
    assert list(kept) == [other]


def test_many_in_a_minute_are_refused_until_it_is_over(url, monkeypatch):
    monkeypatch.setattr(corrections, "PER_MINUTE", 2)
    kept = Corrections(url)
    kept.add(correction())
    kept.add(correction())
    with pytest.raises(CorrectionsFull, match="in a minute"):
        kept.add(correction())
    kept.add(correction(made=correction().made + timedelta(seconds=61)))


def test_a_full_table_takes_no_more(url, monkeypatch):
    monkeypatch.setattr(corrections, "MOST", 1)
    kept = Corrections(url)
    kept.add(correction())
    with pytest.raises(CorrectionsFull, match="exported first"):
        kept.add(correction())


def test_workers_that_begin_at_once_share_one_table(url):
    workers = [threading.Thread(target=lambda: Corrections(url).add(correction())) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(list(Corrections(url))) == 8


def test_a_database_that_cannot_be_used_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    for url in (f"sqlite:///{tmp_path}/file/corrections.db", "postgresql://digits@127.0.0.1:1/none"):
        with pytest.raises(CorrectionsUnavailable, match="cannot be kept or read"):
            Corrections(url).add(correction())
