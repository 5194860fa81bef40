"""A PostgreSQL of its own, for as long as a test needs it. `python -m tests.postgresql` makes sure that there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serving import free_port

DEBIAN = Path("/usr/lib/postgresql")
OWNER = "postgres"
"""Who runs it where root may not: the user that the package makes."""


def find() -> Path | None:
    """The folder of its executables."""
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else sorted(DEBIAN.glob("*/bin"))
    return candidates[-1] if candidates else None


@contextmanager
def running() -> Iterator[str]:
    """Start an empty one on a port of its own, and take it away again.

    Yields:
        The URL of its database.
    """
    executables = find()
    assert executables, "no PostgreSQL; run python -m tests.postgresql"
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


def main() -> None:
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
