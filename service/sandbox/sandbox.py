"""Reads the bodies of requests in processes of their own, and ends those that take too long."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import threading
from time import perf_counter

from models.errors import MalformedRequest, RequestError, RequestTooLarge
from models.registry.corrections import Correction
from service.config import Config
from service.errors import deadline_exceeded, overloaded
from service.images.canonical_digits import CanonicalDigits
from service.images.pages import Pages
from service.protocols.request import Request
from service.sandbox import messages, reading
from service.sandbox.fork_server import Child, ForkServer, ForkServerLost
from service.sandbox.messages import BadMessage, Message
from service.sandbox.reading import Reading

PROCESSES = 2
"""Processes of a worker for requests that may take long; each needs a core while it reads."""
BRIEF_PROCESSES = 1
"""Processes of a worker for requests that take some tens of milliseconds at most, and must not wait for others."""
PROCESSOR_SHARE = 0.5
"""Share of the deadline that reading one request may keep a processor busy."""

LIMITS = ("max_bytes", "max_pixels", "max_items")
"""Settings that reading depends on."""

Places = queue.LifoQueue[Child | None]
"""Processes that are idle; None where one is to be started."""

log = logging.getLogger(__name__)


class Sandbox:
    """Reads bodies in a few processes. Threads may share it.

    Processes are forked when they are needed, and kept. One that fails, or is killed, is replaced by the next request.

    Args:
        config: limits.
        fork_server: shared with other workers; None for one of its own, which the first request starts.
    """

    def __init__(self, config: Config, fork_server: ForkServer | None = None) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._fork_server = fork_server
        self._places, self._brief_places = _places(PROCESSES), _places(BRIEF_PROCESSES)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that are idle; one that is busy ends with its request."""
        for places in (self._places, self._brief_places):
            while not places.empty():
                child = places.get()
                if child:
                    child.socket.close()
        if self._fork_server:
            self._fork_server.close()
            self._fork_server = None

    def read_digits(self, request: Request, until: float, brief: bool = False) -> Reading[CanonicalDigits]:
        """Parse a request for a prediction, decode its images and redraw them.

        Args:
            request: whole.
            until: when its answer is due, by `perf_counter`.
            brief: whether reading it takes some tens of milliseconds at most.

        Raises:
            RequestError: it cannot be answered, takes too much of the machine, or is not read in time.
        """
        return reading.digits(self._ask(request, until, self._brief_places if brief else self._places))

    def read_pages(self, request: Request, until: float, brief: bool = False) -> Reading[Pages]:
        """Parse a request for numbers, decode its images and find their lines; the rest is as for `read_digits`."""
        return reading.pages(self._ask(request, until, self._brief_places if brief else self._places))

    def read_correction(self, request: Request, until: float) -> Correction:
        """Parse a correction and redraw its picture; the arguments and errors are those of `read_digits`."""
        return reading.stored(self._ask(request, until, self._places))

    def _ask(self, request: Request, until: float, places: Places) -> Message:
        """Have a process read a request.

        Raises:
            RequestError: it takes too long or too much, or no process can be started.
        """
        try:
            child = places.get(timeout=max(until - perf_counter(), 0))
        except queue.Empty:
            raise deadline_exceeded(self._config.deadline_seconds) from None
        kept = None
        try:
            child = child or self._fork()
            answer = self._exchange(child, request, until)
            if answer.document.pop("last"):
                self._end(child)
            else:
                kept = child
        except OSError as error:
            log.error("no process can be started to read a request: %s", error)
            raise overloaded() from error
        finally:
            places.put(kept)
        if "too_costly" in answer.document:
            raise _too_costly()
        if "failed" in answer.document:
            raise RuntimeError(answer.document["failed"])
        return answer

    def _exchange(self, child: Child, request: Request, until: float) -> Message:
        """Send a request to a process and receive its answer. If that fails, the process is ended."""
        asked, file = reading.ask(request)
        asked.document["seconds"] = PROCESSOR_SHARE * self._config.deadline_seconds
        try:
            messages.send(child.socket, asked, file, until)
            return messages.receive(child.socket, reading.largest(self._config), until)[0]
        except TimeoutError:
            self._end(child)
            raise deadline_exceeded(self._config.deadline_seconds) from None
        except (BadMessage, ConnectionError) as error:
            raise _explain(self._end(child), request.id, error) from None

    def _fork(self) -> Child:
        """Start a process; start the fork server first if there is none, or none any more."""
        with self._lock:
            for _ in range(2):
                if self._fork_server is None:
                    self._fork_server = start_fork_server(self._config)
                try:
                    return self._fork_server.fork()
                except ForkServerLost:
                    self._fork_server.close()
                    self._fork_server = None
        raise ForkServerLost("the process that starts others ends at once")

    def _end(self, child: Child) -> int:
        """End a process, and return its exit code; that of one ended by a signal is negative."""
        try:
            return os.waitstatus_to_exitcode(child.server.end(child))
        except OSError:  # the process that started it has ended, and so does it, since its socket is closed
            return -signal.SIGKILL


def _places(count: int) -> Places:
    places: Places = queue.LifoQueue()  # the process that was asked last is asked next: its memory is warm
    for _ in range(count):
        places.put(None)
    return places


def start_fork_server(config: Config) -> ForkServer:
    """Start the process that starts those of a Sandbox with these limits."""
    limits = {name: getattr(config, name) for name in LIMITS}
    return ForkServer(["service.sandbox", json.dumps(limits)])


def _explain(exit_code: int, request_id: str, error: Exception) -> RequestError:
    """Say why a process gave no answer."""
    if exit_code == -signal.SIGPROF:
        return _too_costly()
    log.error("request %s: the process that read it ended with code %d: %s", request_id, exit_code, error)
    if exit_code == -signal.SIGKILL:  # by the system, which has no more memory
        return overloaded()
    return MalformedRequest("undecodable_image", "The image is damaged in a way that its decoder cannot survive.")


def _too_costly() -> RequestTooLarge:
    return RequestTooLarge(
        "too_costly", "Reading this takes more time or memory than one request may; send smaller, simpler images."
    )
