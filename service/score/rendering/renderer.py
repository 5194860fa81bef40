"""Asks a process to render pages, and replaces one that fails."""

from __future__ import annotations

import json
import os
import signal
from time import perf_counter

from models.errors import MalformedRequest, RequestError, RequestTooLarge
from service.config import Config
from service.errors import overloaded
from service.sandbox import messages
from service.sandbox.fork_server import Child, ForkServer
from service.sandbox.messages import BadMessage, Message
from service.sandbox.sandbox import LIMITS, PROCESSOR_SHARE

PATIENCE = 60.0
"""Seconds to wait for a page, whose processor time is limited far below that."""


class Renderer:
    """Renders pages of PDFs in one process, which is started by the first.

    Args:
        config: limits.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._server: ForkServer | None = None
        self._child: Child | None = None

    def close(self) -> None:
        """End the process."""
        if self._child:
            self._child.socket.close()
        if self._server:
            self._server.close()
        self._child = self._server = None

    def count(self, file: int) -> int:
        """Count the pages of a PDF.

        Args:
            file: its descriptor.

        Raises:
            RequestError: it is damaged, encrypted, or takes too much of the machine.
        """
        pages: int = self._ask({"page": None}, file).document["pages"]
        return pages

    def render(self, file: int, page: int) -> bytes:
        """Render a page, counted from 1, as a PNG; arguments and errors are those of `count`."""
        return self._ask({"page": page}, file).data

    def _ask(self, document: dict[str, int | None], file: int) -> Message:
        until = perf_counter() + PATIENCE
        seconds = PROCESSOR_SHARE * self._config.deadline_seconds
        try:
            child = self._child = self._child or self._fork()
            messages.send(child.socket, Message({**document, "seconds": seconds}), file, until)
            answer, _ = messages.receive(child.socket, 8 * self._config.max_pixels, until)
        except TimeoutError:
            self._end()
            raise _too_costly() from None
        except (BadMessage, ConnectionError):
            raise _explain(self._end()) from None
        if answer.document.pop("last"):
            self._end()
        if "error" in answer.document:
            raise MalformedRequest(*answer.document["error"])
        if "too_costly" in answer.document:
            raise _too_costly()
        return answer

    def _fork(self) -> Child:
        if self._server is None:
            limits = {name: getattr(self._config, name) for name in LIMITS}
            self._server = ForkServer(["service.score.rendering", json.dumps(limits)])
        return self._server.fork()

    def _end(self) -> int:
        """End the process, and return its exit code; that of one ended by a signal is negative."""
        child, self._child = self._child, None
        try:
            return os.waitstatus_to_exitcode(child.server.end(child)) if child else 0
        except OSError:  # the process that started it has ended, and so does it
            self.close()
            return -signal.SIGKILL


def _explain(exit_code: int) -> RequestError:
    """Say why a process gave no answer."""
    if exit_code == -signal.SIGPROF:
        return _too_costly()
    if exit_code == -signal.SIGKILL:  # by the system, which has no more memory
        return overloaded()
    return MalformedRequest("damaged_file", "The PDF is damaged in a way that its renderer cannot survive.")


def _too_costly() -> RequestTooLarge:
    return RequestTooLarge(
        "too_costly", "Rendering the page takes more time or memory than one picture may; save it as a picture."
    )
