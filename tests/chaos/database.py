"""A PostgreSQL server that can be stopped, hung and started again."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from pathlib import Path

import psycopg

from tests import postgresql
from tests.benchmarks.processes import tree
from tests.service.steady import until
from tests.serving import PATIENCE


class Database:
    """The server of `tests.postgresql.running`.

    Args:
        url: of its database.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url) as connection:
            ((folder,),) = connection.execute("SHOW data_directory").fetchall()
        self._folder = Path(folder)
        self._command = shlex.split((self._folder / "postmaster.opts").read_text())

    def kill(self) -> None:
        """Stop it as a crash would."""
        os.kill(self._postmaster(), signal.SIGQUIT)
        until(lambda: not self._pid_file.exists())

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        user = postgresql.OWNER if os.geteuid() == 0 else None
        with (self._folder.parent / "log").open("ab") as log:
            process = subprocess.Popen(self._command, cwd=self._folder, user=user, stdout=log, stderr=log)
        until(self.answers)
        assert process.poll() is None

    def hang(self) -> None:
        """Keep the connections, and be silent."""
        self._hung = tree(self._postmaster())
        for process in self._hung:
            os.kill(process, signal.SIGSTOP)

    def resume(self) -> None:
        """Answer again."""
        for process in self._hung:
            os.kill(process, signal.SIGCONT)
        until(self.answers)

    def answers(self) -> bool:
        """Whether it does."""
        try:
            with psycopg.connect(self.url, connect_timeout=PATIENCE) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def kept(self) -> set[str]:
        """Return the ids of the corrections in it."""
        with psycopg.connect(self.url) as connection:
            if connection.execute("SELECT to_regclass('corrections')").fetchone() == (None,):
                return set()
            return {row[0] for row in connection.execute("SELECT id FROM corrections")}

    @property
    def _pid_file(self) -> Path:
        return self._folder / "postmaster.pid"

    def _postmaster(self) -> int:
        return int(self._pid_file.read_text().split()[0])
