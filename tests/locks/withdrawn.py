"""Ask the registry whether a release in a lock was yanked or withdrawn: `make check-locks`.

uv asks, so that the registry is the one of `make lock`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.locks.lock_file import LOCKS, read

ASK = (sys.executable, "-m", "uv", "pip", "compile", "--refresh", "--universal", "--no-deps", "--generate-hashes")
NO_SUCH_RELEASE = 1
"""uv's exit status; 2 is any other failure, such as a registry that does not answer."""
YANKED = re.compile(r"`([^`]+)` is yanked(?: \(reason: \"(.*)\"\))?")
ADVICE = """\
Renew these alone, as in `make lock UPGRADE="--upgrade-package requests"` (`make lock-peers` for tests/*/), then run
`make test` and `make sbom`. If a package has no other release, replace it."""


def main(locks: list[Path]) -> int:
    """Print what is wrong with each lock, and what to do.

    Returns:
        0 if nothing is wrong, 1 if something is, 2 if the registry did not tell.
    """
    wrong = False
    for lock in locks:
        asked = subprocess.run([*ASK, str(lock)], capture_output=True, text=True)
        if asked.returncode not in (0, NO_SUCH_RELEASE):
            print(f"{lock}: not checked, since the registry did not answer:\n{asked.stderr}", file=sys.stderr)
            return 2
        faults = [asked.stderr] if asked.returncode else _faults(lock, asked.stdout, asked.stderr)
        for fault in faults:
            print(f"{lock}: {fault}")
        wrong = wrong or bool(faults)
    print(ADVICE if wrong else f"The registry has withdrawn nothing that is in {len(locks)} locks.")
    return int(wrong)


def _faults(lock: Path, found: str, warnings: str) -> list[str]:
    """Say which releases were yanked, and which lack files.

    Args:
        lock: the lock.
        found: the same lock with the hashes that the registry has.
        warnings: what uv said meanwhile.
    """
    yanked = [f"{release} was yanked: {reason or 'no reason given'}" for release, reason in YANKED.findall(warnings)]
    gone = [(pin, sum(content not in found for content in pin.hashes)) for pin in read(lock)]
    return yanked + [
        f"{pin.name}=={pin.version}: {missing} of its {len(pin.hashes)} files were withdrawn"
        for pin, missing in gone
        if missing
    ]


if __name__ == "__main__":
    sys.exit(main(LOCKS))
