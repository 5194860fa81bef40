"""A process that forks others on request, and the messages with which it is asked to.

It is started by exec, whatever threads and locks its parent has, and imports what its children need once, for the
first of them: a service that gets no photos has no use for those 35 MiB. The others start in a few milliseconds, share
its memory, and hold nothing of a client or of the service's settings (Chromium's zygote, Python's forkserver). Workers
share it, since they inherit its socket. Only it waits for its children, so that one that is to be killed cannot be
mistaken for another process of the same id.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

_MESSAGE = struct.Struct("<i")
_FORK = 0
"""Message that asks for a process; any other is the id of one that must end. Each comes with a socket to answer to."""
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
"""Signals that a terminal or a service manager may send to all processes: the workers are to end first."""
PATIENCE = 10.0
"""Seconds to wait for the fork server, which may be starting."""
PASSED = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL")
"""Variables of the environment that it inherits; others may hold secrets."""


class ForkServerLost(OSError):
    """The fork server has ended."""


class Child(NamedTuple):
    """A process, and the socket that it listens to."""

    pid: int
    socket: socket.socket
    server: ForkServer


class ForkServer:
    """Asks a process for others. Threads may share it, and so may processes forked after it.

    Args:
        arguments: of the command `python -m ...` that calls `serve`.
    """

    def __init__(self, arguments: list[str]) -> None:
        self._control, other = socket.socketpair()
        environment = {name: os.environ[name] for name in PASSED if name in os.environ}
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments, str(other.fileno())], pass_fds=[other.fileno()], env=environment
            )

    def fork(self) -> Child:
        """Start a process.

        Raises:
            ForkServerLost: there is no fork server any more.
            OSError: the system has no more processes, descriptors or memory.
        """
        mine, pid = self._ask(_FORK)
        if pid <= 0:
            mine.close()
            raise OSError("no process could be forked")
        return Child(pid, mine, self)

    def end(self, child: Child) -> int:
        """Kill a process unless it has ended.

        Returns:
            Its wait status, as of `os.waitpid`.

        Raises:
            ForkServerLost: there is no fork server any more; the process ends by itself.
        """
        child.socket.close()
        mine, status = self._ask(child.pid)
        mine.close()
        return status

    def close(self) -> None:
        """End the fork server, unless another process shares it. Its processes end when their sockets are closed."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)

    def _ask(self, message: int) -> tuple[socket.socket, int]:
        mine, other = socket.socketpair()
        mine.settimeout(PATIENCE)
        try:
            with other:
                socket.send_fds(self._control, [_MESSAGE.pack(message)], [other.fileno()])
            return mine, _MESSAGE.unpack(mine.recv(_MESSAGE.size, socket.MSG_WAITALL))[0]
        except (ConnectionError, TimeoutError, struct.error) as error:  # nothing, or not a whole answer
            mine.close()
            raise ForkServerLost("the process that starts others has ended") from error


def serve(control: socket.socket, load: Callable[[], Callable[[socket.socket], None]]) -> None:
    """Fork processes until nobody holds the other end of `control`.

    Args:
        control: where it is asked for them.
        load: called before the first; what it returns is called in each with its socket.
    """
    for ignored in IGNORED:
        signal.signal(ignored, signal.SIG_IGN)
    main = None
    statuses: dict[int, int | None] = {}  # of the processes that nobody has ended yet; None while they live
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE.size, 1)
        if len(message) < _MESSAGE.size:
            return
        (pid,) = _MESSAGE.unpack(message)
        with socket.socket(fileno=descriptors[0]) as channel:
            if pid == _FORK:
                _reap(statuses)
                if main is None:
                    main = load()
                    gc.collect()
                    gc.freeze()  # collectors of children leave these pages shared
                pid = _fork()
                if pid == 0:
                    control.close()
                    main(channel)
                    os._exit(0)
                statuses[pid] = None
                answer = pid
            else:
                status = statuses.pop(pid, 0)
                answer = _end(pid) if status is None else status
            with contextlib.suppress(OSError):  # who asked has ended
                channel.sendall(_MESSAGE.pack(answer))


def _fork() -> int:
    try:
        return os.fork()
    except OSError:
        return -1


def _end(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _reap(statuses: dict[int, int | None]) -> None:
    """Let the ids of processes go that ended by themselves, as those of a worker that was killed."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            statuses[found[0]] = found[1]
