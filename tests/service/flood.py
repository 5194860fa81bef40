"""Requests at a fixed rate, whether or not earlier ones are answered; every answer is kept."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple
from urllib.parse import urlsplit

PATIENCE = 30
"""Seconds to wait for an answer."""


class Reply(NamedTuple):
    """The answer to one request.

    Attributes:
        status: of HTTP; 0 if there was no answer.
        seconds: from the first byte sent to the last received.
    """

    status: int
    seconds: float


def capacity(url: str, body: bytes, media: str, seconds: float, concurrency: int = 4) -> float:
    """Measure how many requests a second are answered while `concurrency` of them are always in progress."""

    async def ask_on(until: float) -> int:
        answered = 0
        while time.monotonic() < until:
            answered += (await _ask(url, body, media)).status == 200
        return answered

    async def count_answered() -> int:
        until = time.monotonic() + seconds
        return sum(await asyncio.gather(*(ask_on(until) for _ in range(concurrency))))

    return asyncio.run(count_answered()) / seconds


class Outcome(NamedTuple):
    """The result of a flood.

    Attributes:
        replies: one for each request.
        recovery: seconds from the last request until the service answered one with 200 again.
    """

    replies: list[Reply]
    recovery: float


def flood(url: str, body: bytes, media: str, rate: float, seconds: float) -> Outcome:
    """Send `rate` requests a second for `seconds`, then ask until a request is answered with 200."""

    async def send_all() -> Outcome:
        began = time.monotonic()
        asked = []
        for n in range(round(rate * seconds)):
            await asyncio.sleep(began + n / rate - time.monotonic())
            asked.append(asyncio.create_task(_ask(url, body, media)))
        ended = time.monotonic()
        while (await _ask(url, body, media)).status != 200:
            assert time.monotonic() - ended < PATIENCE
        recovery = time.monotonic() - ended
        return Outcome(await asyncio.gather(*asked), recovery)

    return asyncio.run(send_all())


async def _ask(url: str, body: bytes, media: str) -> Reply:
    address = urlsplit(url)
    headers = f"Host: x\r\nConnection: close\r\nContent-Type: {media}\r\nContent-Length: {len(body)}"
    head = f"POST /predict HTTP/1.1\r\n{headers}\r\n\r\n"
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(head.encode() + body)
            answer = await reader.read()
            writer.close()
        status = int(answer[9:12])
    except (OSError, TimeoutError, ValueError):
        status = 0
    return Reply(status, time.monotonic() - began)
