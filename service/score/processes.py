"""Score shards in processes of this machine, one a core. One that is killed is replaced, and its shard begun again."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import traceback
from collections.abc import Iterable, Iterator
from itertools import islice
from multiprocessing import connection
from multiprocessing.connection import Connection

from models.errors import DigitsError
from service.sandbox import limits
from service.score.job import Job
from service.score.shard_scorer import ShardResult, ShardScorer
from service.score.shards import Shard

TRIES = 3
"""Times that a shard is begun; from the second on nothing is decoded outside of the sandbox."""
GROWTH = 144 << 20
"""Bytes that a process may take beside its 135 MiB at the start: what needs more becomes rows with an error."""
_context = multiprocessing.get_context("spawn")


class ProcessLost(DigitsError):
    """A shard ends its process each time."""


class ScoringFailed(DigitsError):
    """A process met a fault of this program."""


class Process:
    """A process that scores a shard at a time.

    Args:
        job: what all shards have in common.
        shard: the first one.
        tries: how often that was begun before.

    Attributes:
        connection: where results come from.
    """

    def __init__(self, job: Job, shard: Shard, tries: int = 0) -> None:
        self.connection, other = _context.Pipe()
        self._process = _context.Process(target=_serve, args=(other, job), daemon=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which the process inherits: Ctrl-C is not for it
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        other.close()
        self.begin(shard, tries)

    def begin(self, shard: Shard, tries: int = 0) -> None:
        """Have a shard scored."""
        self.shard, self.tries = shard, tries + 1
        with contextlib.suppress(OSError):  # it has ended, which its connection tells too
            self.connection.send((shard, tries > 0))

    def result(self) -> ShardResult | None:
        """Receive the result of its shard; None if the process has ended.

        Raises:
            DigitsError: the process cannot score.
        """
        try:
            found: ShardResult | DigitsError = self.connection.recv()
        except (EOFError, OSError):
            return None
        if isinstance(found, DigitsError):
            raise found
        return found

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def run(shards: Iterable[Shard], job: Job) -> Iterator[ShardResult]:
    """Score shards, and return their results as they come.

    Raises:
        DigitsError: a process cannot begin.
        ProcessLost: a shard ends its process each time.
    """
    remaining = iter(shards)
    busy: dict[Connection, Process] = {}
    try:
        for shard in islice(remaining, job.config.workers):
            process = Process(job, shard)
            busy[process.connection] = process
        while busy:
            for ready in connection.wait(list(busy)):
                process = busy.pop(ready)  # type: ignore[call-overload]
                result = process.result()
                if result is None:
                    process.end()
                    process = _replace(process, job)
                    busy[process.connection] = process
                    continue
                if following := next(remaining, None):
                    process.begin(following)
                    busy[process.connection] = process
                else:
                    process.end()
                yield result
    finally:
        for process in busy.values():
            process.end()


def _replace(process: Process, job: Job) -> Process:
    if process.tries == TRIES:
        raise ProcessLost(
            f"{process.shard.name}: {TRIES} processes that scored it were killed, for want of memory perhaps; "
            "set WORKERS lower, and run the same command again"
        )
    return Process(job, process.shard, process.tries)


def _serve(channel: Connection, job: Job) -> None:
    """Score shards until nobody holds the other end of the channel."""
    with contextlib.suppress(EOFError, OSError):
        try:
            scorer = ShardScorer(job)
            limits.limit_data(GROWTH)
            while True:
                channel.send(scorer.score(*channel.recv()))
        except DigitsError as error:
            channel.send(error)
        except MemoryError:
            return  # as if it was killed
        except Exception:
            channel.send(ScoringFailed(traceback.format_exc()))
