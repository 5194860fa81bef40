"""Requests at a rate of their own, whether or not those before are answered; every answer is kept."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple
from urllib.parse import urlsplit

PATIENCE = 30
"""Seconds after which an answer counts as none."""


class Reply(NamedTuple):
    """What became of one request.

    Attributes:
        status: 0 where there was no answer.
        seconds: from the first byte sent to the last received.
    """

    status: int
    seconds: float


def capacity(url: str, body: bytes, media: str, seconds: float, concurrency: int = 4) -> float:
    """Requests a second that are answered when so many are always under way."""

    async def ask_on(until: float) -> int:
        answered = 0
        while time.monotonic() < until:
            answered += (await _ask(url, body, media)).status == 200
        return answered

    async def all_of_them() -> int:
        until = time.monotonic() + seconds
        return sum(await asyncio.gather(*(ask_on(until) for _ in range(concurrency))))

    return asyncio.run(all_of_them()) / seconds


class Outcome(NamedTuple):
    """Of a flood.

    Attributes:
        replies: to each of its requests.
        recovery: seconds after its last request until one was answered as ever.
    """

    replies: list[Reply]
    recovery: float


def flood(url: str, body: bytes, media: str, rate: float, seconds: float) -> Outcome:
    """Send `rate` requests a second for so long, and then ask until there is an answer."""

    async def all_of_them() -> Outcome:
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

    return asyncio.run(all_of_them())


async def _ask(url: str, body: bytes, media: str) -> Reply:
    address = urlsplit(url)
    about = f"Host: x\r\nConnection: close\r\nContent-Type: {media}\r\nContent-Length: {len(body)}"
    head = f"POST /predict HTTP/1.1\r\n{about}\r\n\r\n"
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
