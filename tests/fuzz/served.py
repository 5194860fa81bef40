"""Send changed inputs to the real service, and watch what they cost.

    python -m tests.fuzz.served --minutes 10

An input whose response is of a new kind is kept in `.fuzz/corpus`, and one that breaks a promise in `.fuzz/findings`.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from models.registry.store import ARTIFACTS
from tests.fuzz import mutation
from tests.fuzz.calls import Call, calls
from tests.fuzz.cost import Cost, log_faults
from tests.fuzz.watch import Watch, watched_service

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / ".fuzz"
LONGEST = 1 << 16
"""Bytes of an input at most."""
WARM_UP = 100
"""Inputs besides the committed ones that are sent before the worker's size counts, and so that their kinds are known."""
CHANGES = 4
"""Changes to an input at most."""
WORDS = [
    ast.literal_eval(f"b{line}") for line in (HERE / "words.dict").read_text().splitlines() if line.startswith('"')
]

Kind = tuple[str, int, str]
"""Path, status and code of a response."""


class Fuzzer:
    """Sends inputs, and keeps the interesting ones.

    Args:
        random: chooses what is sent.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._committed = [file.read_bytes() for file in sorted((HERE / "corpus").iterdir())]
        self._inputs = self._committed + [file.read_bytes() for file in (KEPT / "corpus").iterdir()]
        self._kinds: set[Kind] = set()
        self.statuses: Counter[int] = Counter()
        self.read = 0
        self.findings: list[str] = []
        self.worst = Cost(0, "", 0, 0, 0, 0)

    def run(self, watch: Watch, log: list[str], end: float) -> None:
        """Send inputs until the time has come, or one has broken a promise."""
        some = self._random.sample(self._inputs, min(len(self._inputs), WARM_UP))
        for data in self._committed + some:
            for call in calls(data, self._random):
                self._kinds.add(_kind(call, watch.send(call)))
        watch.remember_size()
        log.clear()
        found: list[str] = []
        while not found and time.monotonic() < end:
            data = self._changed()
            self.read += 1
            for call in calls(data, self._random):
                found += [f"{call}: {fault}" for fault in self._faults(watch, call, data)]
            found += watch.leaks() + log_faults(log)
            log.clear()
            if found:
                file = _keep("findings", data)
                self.findings += [f"{file.name}: {fault}" for fault in found]
                print(*self.findings[-len(found) :], sep="\n", flush=True)

    def _faults(self, watch: Watch, call: Call, data: bytes) -> list[str]:
        cost, faults = watch.faults(call)
        self.statuses[cost.status] += 1
        for field in ("seconds", "others", "loop", "growth"):
            setattr(self.worst, field, max(getattr(self.worst, field), getattr(cost, field)))
        if (kind := _kind(call, cost)) not in self._kinds:
            self._kinds.add(kind)
            self._inputs.append(data)
            _keep("corpus", data)
        return faults

    def _changed(self) -> bytes:
        data = self._random.choice(self._inputs)
        for _ in range(self._random.randint(1, CHANGES)):
            data = mutation.mutate(data, LONGEST, self._random, self._change_bytes)
        return data

    def _change_bytes(self, data: bytes, most: int) -> bytes:
        random, changed = self._random, bytearray(data)
        begin, end = sorted(random.randrange(len(data) + 1) for _ in range(2))
        end = min(end, begin + random.choice((1, 2, 4, 100, most)))
        other = random.choice(self._inputs)
        middle = random.randrange(len(other) + 1)
        changed[begin:end] = random.choice(
            (
                b"",
                random.randbytes(end - begin),
                bytes([random.choice((0, 1, 127, 128, 255))]) * (end - begin),
                random.choice(WORDS),
                changed[begin:end] * random.randint(2, 20),
                other[middle : middle + end - begin],
            )
        )
        return bytes(changed[:most]) or b"\0"


def main() -> int:
    """Run.

    Returns:
        0 if every promise was kept, 1 if not.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5, help="duration of the run (%(default)s)")
    end = time.monotonic() + parser.parse_args().minutes * 60
    for folder in ("corpus", "findings"):
        (KEPT / folder).mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and so stop the service too
    fuzzer = Fuzzer(Random())
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory() as folder:
            settings = {
                "DIGITS_MODELS": str(ARTIFACTS / "digits"),
                "DIGITS_DATABASE_URL": f"sqlite:///{folder}/kept.db",
            }
            with watched_service(**settings) as (watch, log):
                fuzzer.run(watch, log, end)
    worst = fuzzer.worst
    print(
        f"{fuzzer.read} inputs, {fuzzer.statuses.total()} requests; by status {dict(sorted(fuzzer.statuses.items()))};\n"
        f"slowest {worst.seconds:.2f} s, others waited {worst.others * 1000:.0f} ms, the event loop computed for "
        f"{worst.loop * 1000:.1f} ms, the worker grew by {worst.growth / 2**20:.1f} MiB at most; {len(fuzzer.findings)} promises broken"
    )
    return int(bool(fuzzer.findings))


def _kind(call: Call, cost: Cost) -> Kind:
    return call.path, cost.status, cost.code if cost.status != 200 and len(cost.code) < 40 else ""


def _keep(folder: str, data: bytes) -> Path:
    file = KEPT / folder / hashlib.sha1(data).hexdigest()
    file.write_bytes(data)
    return file


if __name__ == "__main__":
    sys.exit(main())
