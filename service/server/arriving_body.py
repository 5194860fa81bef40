"""The body of the request that is arriving: how much of it is held, and how quickly it comes."""

from __future__ import annotations

import math
from time import monotonic

from service.access.admission import Admission, Sender
from service.errors import body_too_large
from service.protocols.body import Body

MAX_OVERHEAD = 1 << 14
"""Bytes of chunked framing, at most; and OVERHEAD_SHARE of the body, which allows chunks of 100 bytes."""
OVERHEAD_SHARE = 1 / 16
MAX_DROPPED = 64 << 20
"""Bytes of a refused body that are read and dropped, so that its sender gets to see the response."""
GRACE = 30.0
"""Seconds that a body may take however slow it is."""
MIN_RATE = 1000.0
"""Bytes a second of a body, on average, once GRACE is over."""
RATE_SECONDS = 1.0
"""Time over which the latest rate of a body is taken, at least."""


class ArrivingBody:
    """A body of which not all has arrived.

    Args:
        admission: counts the bytes that are held.
        sender: whose body it is.
        max_bytes: largest size.
        size: as announced; 0 if it comes in chunks.
        chunked: whether it does.
        since: when the request began to arrive, by the monotonic clock.

    Attributes:
        received: bytes so far, kept or not.
        held: bytes that admission holds.
        content: what is kept.
    """

    __slots__ = (
        "_admission", "_dropped", "_marked", "_max_bytes", "_overhead", "_rate", "_received_then", "_sender",
        "chunked", "content", "held", "received", "size",
    )  # fmt: skip

    def __init__(
        self, admission: Admission, sender: Sender, max_bytes: int, size: int, chunked: bool, since: float
    ) -> None:
        self._admission = admission
        self._sender = sender
        self._max_bytes = max_bytes
        self.size = size
        self.chunked = chunked
        self.received = self.held = 0
        self.content = Body()
        self._dropped = 0
        self._overhead = 0
        self._marked = since
        self._received_then = 0  # when `_marked`
        self._rate = math.inf  # lately

    def add(self, piece: bytes) -> None:
        """Keep a piece.

        Raises:
            RequestError: the body is too large, or there is no room for it.
        """
        if self.held + len(piece) > self._max_bytes:
            raise body_too_large(self._max_bytes)
        self._admission.hold(len(piece), self._sender)
        self.held += len(piece)
        self.content.append(piece)

    def count(self, size: int) -> None:
        """Count bytes that arrive."""
        if self.received and (now := monotonic()) - self._marked >= RATE_SECONDS:
            self._rate = self.rate(now)
            self._marked, self._received_then = now, self.received
        self.received += size

    @property
    def missing(self) -> int:
        """Return how many bytes are still to come; 0 or less if that is not known."""
        return self.size - self.received

    def drops_too_much(self, size: int) -> bool:
        """Count bytes that are not kept, and tell whether they are too many to be read on."""
        self._dropped += size
        return self._dropped > MAX_DROPPED

    def frames_too_much(self, size: int) -> bool:
        """Count bytes of framing, and tell whether they are too many."""
        self._overhead += size
        return self.chunked and self._overhead > MAX_OVERHEAD + self.received * OVERHEAD_SHARE

    def rate(self, now: float) -> float:
        """Return the latest rate in bytes a second, at a time of the monotonic clock; infinite if nothing is held."""
        if not self.held:
            return math.inf
        seconds = now - self._marked
        return self._rate if seconds < RATE_SECONDS else (self.received - self._received_then) / seconds

    def seconds_allowed(self) -> float:
        """Return how long the request may have taken by now."""
        return GRACE + self.received / MIN_RATE

    def drop(self) -> None:
        """Let go what is kept."""
        self._admission.drop(self.held, arriving=True)
        self.held = 0
        self.content.close()

    def finish(self) -> int:
        """Hand over what is kept, which is all; return the bytes that admission still holds for it."""
        self._admission.finish(self.held)
        held, self.held = self.held, 0
        return held
