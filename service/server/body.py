"""The body of a request under ASGI, as it comes in."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from service.access.admission import Admission

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ClientGone(Exception):
    """The client hung up before its body was complete."""


class BodyTooLarge(Exception):
    """The body has more bytes than were asked for."""


class Body:
    """Reads a body once, or drops it.

    Args:
        receive: of the ASGI connection.
        admission: holds the bytes until `release`.
    """

    def __init__(self, receive: Receive, admission: Admission) -> None:
        self._receive = receive
        self._admission = admission
        self._held = 0
        self._complete = False

    async def read(self, most: int) -> bytes:
        """The whole body.

        Raises:
            BodyTooLarge: it has more than `most` bytes.
            ClientGone: it never became complete.
            Overloaded: too many bytes of bodies are held already.
        """
        chunks = []
        while not self._complete:
            chunk = await self._chunk()
            if self._held + len(chunk) > most:
                raise BodyTooLarge
            self._admission.hold(len(chunk))
            self._held += len(chunk)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def drop(self, most: int) -> None:
        """Read and forget up to `most` bytes, so that the sender of a refused body gets to see the answer."""
        self.release()
        dropped = 0
        with contextlib.suppress(ClientGone):
            while not self._complete and dropped < most:
                dropped += len(await self._chunk())

    def release(self) -> None:
        """Give back the bytes that are held."""
        self._admission.release(self._held)
        self._held = 0

    async def _chunk(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            raise ClientGone
        self._complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk
