"""The body of a request under ASGI, as it comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ClientGone(Exception):
    """The client hung up before its body was complete."""


class BodyTooLarge(Exception):
    """The body has more bytes than were asked for; what came was dropped."""


class Body:
    """Reads a body once, or drops it.

    Args:
        receive: of the ASGI connection.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._complete = False

    async def read(self, most: int) -> bytes:
        """The whole body.

        Raises:
            BodyTooLarge: it has more than `most` bytes.
            ClientGone: it never became complete.
        """
        first = await self._chunk()
        if self._complete and len(first) <= most:
            return first
        chunks, size = [first], len(first)
        while not self._complete and size <= most:
            chunks.append(await self._chunk())
            size += len(chunks[-1])
        if size > most:
            raise BodyTooLarge
        return b"".join(chunks)

    async def drop(self, most: int) -> None:
        """Read and forget up to `most` bytes, so that the sender of a refused body gets to see the answer."""
        dropped = 0
        while not self._complete and dropped < most:
            dropped += len(await self._chunk())

    async def _chunk(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            raise ClientGone
        self._complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk
