"""A database that hangs, is locked or is gone holds nobody for long. Real servers hang here."""

import os
import signal
import sqlite3
import threading
from contextlib import contextmanager
from time import monotonic

import psycopg
import pytest

from models.errors import CorrectionsUnavailable
from models.registry.corrections import Corrections
from models.registry.corrections_database import LIMIT, SERIALIZE
from tests import postgresql
from tests.models.registry.test_corrections import make_correction
from tests.service.steady import until

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
MARGIN = 4.0
"""Seconds that a busy machine may add."""


@pytest.fixture(scope="module")
def running():
    with postgresql.running() as url:
        yield url


@pytest.fixture
def server(running):
    return postgresql.empty(running)


def refuse(stored):
    """Have a correction refused; return the seconds that it took and the reason."""
    began = monotonic()
    with pytest.raises(CorrectionsUnavailable) as refused:
        stored.add(make_correction())
    return monotonic() - began, str(refused.value)


def is_tried_again(stored):
    try:
        stored.check()
    except CorrectionsUnavailable:
        return False
    return True


@contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def locked(url):
    """Hold the lock that a correction needs, as a worker that hangs."""
    with psycopg.connect(url) as connection:
        connection.execute(SERIALIZE["postgresql"].rpartition(";")[2])
        yield


def refuse_at_once(stored, count):
    """Have corrections refused in as many threads; return the seconds and the reason of each."""
    refusals = []
    threads = [threading.Thread(target=lambda: refusals.append(refuse(stored))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


def test_a_server_that_accepts_and_is_silent_holds_nobody_for_long_and_then_one_thread_at_a_time():
    with postgresql.silent() as (url, accepted):
        stored = Corrections(url)
        for seconds, reason in refuse_at_once(stored, 4):
            assert seconds < LIMIT + MARGIN
            assert "connection timeout expired" in reason
        assert "a moment ago" in refuse(stored)[1]
        until(lambda: is_tried_again(stored))
        assert sum("a moment ago" in reason for _, reason in refuse_at_once(stored, 8)) == 7
        assert len(accepted) == 4 + 1


def test_a_stopped_server_is_left_alone_and_used_again_once_it_goes_on(server):
    stored = Corrections(server)
    stored.add(make_correction())
    with psycopg.connect(server) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone()
    with open(f"{data}/postmaster.pid") as lines, stopped(int(lines.readline())):
        assert refuse(stored)[0] < LIMIT + MARGIN
        assert "a moment ago" in refuse(stored)[1]
        assert not is_tried_again(stored)
    until(lambda: is_tried_again(stored))
    stored.add(make_correction())
    assert len(list(stored)) == 2


def test_a_worker_that_hangs_with_the_lock_holds_the_others_no_longer_than_the_limit(server):
    stored = Corrections(server)
    stored.add(make_correction())
    with locked(server):
        seconds, reason = refuse(stored)
        assert seconds < LIMIT + MARGIN
        assert "statement timeout" in reason
    assert len(list(Corrections(server))) == 1


def test_a_connection_that_falls_silent_amid_a_call_is_closed(server):
    stored = Corrections(server)
    stored.add(make_correction())
    refusals = []
    with psycopg.connect(server, autocommit=True) as connection, locked(server):
        thread = threading.Thread(target=lambda: refusals.append(refuse(stored)))
        thread.start()
        until(lambda: connection.execute(WAITING).fetchone())
        (pid,) = connection.execute(WAITING).fetchone()
        with stopped(pid):
            thread.join()
    ((seconds, reason),) = refusals
    assert seconds < LIMIT + MARGIN
    assert "wait timeout expired" in reason
    assert len(list(Corrections(server))) == 1


def test_a_locked_sqlite_file_holds_nobody_for_long(tmp_path):
    path = tmp_path / "corrections.db"
    stored = Corrections(f"sqlite:///{path}")
    stored.add(make_correction())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    seconds, reason = refuse(stored)
    assert seconds < LIMIT + MARGIN
    assert "database is locked" in reason
    assert "a moment ago" in refuse(stored)[1]
    other.close()
    until(lambda: is_tried_again(stored))
    stored.add(make_correction())
    assert len(list(stored)) == 2


def test_a_file_that_is_removed_is_made_again(tmp_path):
    path = tmp_path / "corrections.db"
    stored = Corrections(f"sqlite:///{path}")
    stored.add(make_correction())
    path.unlink()
    assert "no such table" in refuse(stored)[1]
    until(lambda: is_tried_again(stored))
    stored.add(make_correction())
    assert len(list(stored)) == 1
