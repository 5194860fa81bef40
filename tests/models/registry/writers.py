"""Write into a store as several processes do, and kill them: `python -m tests.models.registry.writers HOW STORE ARTIFACT`.

`everywhere` kills a writer at each of its file operations in turn. `publish` and `promote` write until they are killed.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from models.errors import ArtifactMissing
from models.registry import contract
from models.registry.store import Store

FILE_OPERATIONS = ("open", "os.", "shutil.", "tempfile.")
"""Beginnings of the names of Python's audit events."""


def kill_everywhere(store: Store, artifact: Path) -> None:
    """Kill a process at its first file operation, another at its second, until one gets through; write after each."""
    actions: dict[str, Callable[[], object]] = {
        "publish": lambda: store.publish(artifact),
        "promote": lambda: store.promote(1),
        "rollback": store.rollback,
    }
    for name, act in actions.items():
        for operation in range(1000):
            store.promote(1)
            store.promote(2)
            if _runs_through(act, operation):
                break
            _check(store, after=f"{name} killed at operation {operation}")
            assert store.versions() in ([1, 2], [1, 2, 3])
            store.promote(1)
            if name == "publish":
                assert store.publish(artifact) == store.versions()[-1]
            _check(store, after=f"{name} after one killed at operation {operation}")
            for version in store.versions()[2:]:
                shutil.rmtree(store.resolve(version))
            left = [path.name for path in store.root.iterdir() if "incoming" in path.name]
            assert not left, left
        assert 5 < operation < 999, f"{name}: {operation} operations"
        print(name, operation)


def _runs_through(act: Callable[[], object], operation: int) -> bool:
    """Run `act` in a process that is killed at one file operation; return whether it came that far."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, -signal.SIGKILL), status
        return status == 0
    count = 0

    def hook(event: str, arguments: object) -> None:
        nonlocal count
        if event.startswith(FILE_OPERATIONS) and event != "os.kill":
            count += 1
            if count > operation:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    act()
    os._exit(0)


def _check(store: Store, after: str) -> None:
    try:
        for version in store.versions()[-2:]:
            contract.verify(store.resolve(version))
        store.resolve()
    except Exception as error:
        raise AssertionError(after) from error


def main() -> None:
    how, store, artifact = sys.argv[1], Store(Path(sys.argv[2])), Path(sys.argv[3])
    if how == "everywhere":
        kill_everywhere(store, artifact)
    while how == "publish":
        print(store.publish(artifact), flush=True)
    while how == "promote":
        store.promote(random.choice(store.versions()))
        with contextlib.suppress(ArtifactMissing):  # another may have gone back as far as possible
            store.rollback()
        print(store.labels()["stable"], flush=True)


if __name__ == "__main__":
    main()
