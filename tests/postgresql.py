"""A PostgreSQL server for a test. `python -m tests.postgresql` installs PostgreSQL if it is missing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.serving import free_port

DEBIAN = Path("/usr/lib/postgresql")
OWNER = "postgres"
"""User that runs the server if this process is root's, which PostgreSQL refuses; Debian's package creates it."""


def find() -> Path | None:
    """Return the folder of PostgreSQL's executables; None if it is not installed."""
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else sorted(DEBIAN.glob("*/bin"))
    return candidates[-1] if candidates else None


@contextmanager
def running() -> Iterator[str]:
    """Start an empty server on a free port, and remove it at the end.

    Yields:
        URL of its database.
    """
    executables = find()
    assert executables, "PostgreSQL is not installed; run python -m tests.postgresql"
    user = OWNER if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="digits-postgresql-") as folder:
        if user:
            shutil.chown(folder, user)
        data, port = f"{folder}/data", free_port()
        control = [executables / "pg_ctl", "--pgdata", data, "--silent", "-w"]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        initdb = [executables / "initdb", "--pgdata", data, "--auth", "trust", "--username", "digits"]
        quiet = {"cwd": folder, "user": user, "check": True, "stdout": subprocess.DEVNULL}
        subprocess.run(initdb, **quiet)
        subprocess.run([*control, "start", "--options", options, "--log", f"{folder}/log"], **quiet)
        try:
            yield f"postgresql://digits@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "stop", "--mode", "immediate"], **quiet)


def empty(url: str) -> str:
    """Remove the tables of corrections, and return the URL."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS corrections, correction_keys")
    return url


@contextmanager
def silent() -> Iterator[tuple[str, list[socket.socket]]]:
    """Listen like a server that hangs: it accepts, and never says anything.

    Yields:
        URL of its database, and the connections that it accepted.
    """
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):  # the end of the test
                while True:
                    accepted.append(listening.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"postgresql://digits@127.0.0.1:{listening.getsockname()[1]}/postgres", accepted
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in accepted:
                connection.close()


def main() -> None:
    """Install PostgreSQL if it is missing and this process may."""
    if find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    if not find():
        sys.exit("The tests of corrections need PostgreSQL: install the package postgresql, and run this again.")


if __name__ == "__main__":
    main()
