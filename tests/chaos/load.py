"""The steady load, in a process of its own: a closed loop, an open loop, corrections and health checks."""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import random
from collections.abc import Coroutine
from multiprocessing.connection import Connection as Pipe
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import uvloop

from tests.chaos.connection import Connection, Reply, request
from tests.chaos.samples import Expected, Sample, correction, fault

CLIENTS = 4
"""Connections of the closed loop."""
PAUSE = 0.01
"""Seconds between an answer of the closed loop and its next request, so that the load leaves half of two cores idle."""
RATE = 100
"""Requests a second of the open loop, each over a connection of its own."""
HEALTH_RATE = 10
"""Health checks a second."""
CORRECTION_SECONDS = 3.5
"""Between two corrections, of which an address may send 20 a minute."""
SHARES = {"light": 85, "rated": 10, "heavy": 5}
"""Percent of the open loop. A rated request has a key whose rate is kept in Redis."""
REFUSALS = (429, 503, 504)
"""Declared statuses of requests that have nothing wrong in them."""


class Answer(NamedTuple):
    """What became of a request.

    Attributes:
        kind: light, rated, heavy, correction or health.
        sent: when it was due, by the monotonic clock.
        seconds: from then to the end of the answer.
        status: of HTTP; 0 if the request was lost.
        port: of the client.
        fault: what was wrong with the answer, or why there was none.
        correction: the id of a correction that was kept.
    """

    kind: str
    sent: float
    seconds: float
    status: int
    port: int
    fault: str = ""
    correction: str = ""


class Load:
    """Loads a service until it is stopped.

    Args:
        url: of the service.
        keys: `free`, without a rate, and `rated`.
        samples: honest requests.
        expected: what each version must say to them.
    """

    def __init__(self, url: str, keys: dict[str, str], samples: list[Sample], expected: Expected) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_run, args=(other, url, keys, samples, expected), daemon=True)
        self._process.start()
        other.close()  # so that reading fails if the process ends
        self._pipe.recv()  # it has begun

    def stop(self) -> list[Answer]:
        """Stop, wait for the answers that are due, and return all."""
        self._pipe.send("stop")
        answers: list[Answer] = self._pipe.recv()
        self._process.join()
        return answers


def _run(pipe: Pipe, *arguments: Any) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        pipe.send(runner.run(Loops(pipe, *arguments).run()))


class Loops:
    """The loops, in the process of the load. For the arguments see Load."""

    def __init__(self, pipe: Pipe, url: str, keys: dict[str, str], samples: list[Sample], expected: Expected) -> None:
        self._pipe = pipe
        address = urlsplit(url)
        self._address = address.hostname or "", address.port or 0
        self._keys = keys
        self._light = [sample for sample in samples if sample.kind == "light"]
        self._heavy = [sample for sample in samples if sample.kind == "heavy"]
        self._expected = expected
        self._random = random.Random(5)
        self._answers: list[Answer] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> list[Answer]:
        """Run until the pipe says to stop."""
        self._stopped = asyncio.Event()
        self._pipe.send("begun")
        self._later(self._await_stop())
        checks = itertools.cycle(("/health/live", "/health/ready", "/metrics"))
        await asyncio.gather(
            *(self._closed_loop() for _ in range(CLIENTS)),
            self._at_rate(RATE, self._open),
            self._at_rate(1 / CORRECTION_SECONDS, lambda due: self._correct(due)),
            self._at_rate(HEALTH_RATE, lambda due: self._check(next(checks), due)),
        )
        await asyncio.gather(*self._tasks)
        return self._answers

    async def _await_stop(self) -> None:
        await asyncio.to_thread(self._pipe.recv)
        self._stopped.set()

    async def _closed_loop(self) -> None:
        connection = Connection(*self._address)
        while not self._stopped.is_set():
            await self._predict("light", monotonic(), connection, close=False)
            await asyncio.sleep(PAUSE)
        connection.close()

    async def _at_rate(self, rate: float, send: Any) -> None:
        """Send so many requests a second, whether or not earlier ones are answered."""
        began = monotonic()
        for n in itertools.count():
            due = began + n / rate
            await asyncio.sleep(due - monotonic())
            if self._stopped.is_set():
                return
            self._later(send(due))

    def _later(self, sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(sending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, due: float) -> None:
        (kind,) = self._random.choices(list(SHARES), list(SHARES.values()))
        await self._predict(kind, due, Connection(*self._address), close=True)

    async def _predict(self, kind: str, due: float, connection: Connection, close: bool) -> None:
        sample = self._random.choice(self._heavy if kind == "heavy" else self._light)
        key = self._keys["rated" if kind == "rated" else "free"]
        reply = await connection.ask(request("POST", "/predict", key, sample.content_type, sample.body, close))
        wrong = _unexpected(reply)
        if reply.status == 200:
            wrong = fault(json.loads(reply.body), self._expected[sample.number])
        self._keep(kind, due, reply, wrong)

    async def _correct(self, due: float) -> None:
        sent = request("POST", "/corrections", self._keys["free"], "application/json", correction(), close=True)
        reply = await Connection(*self._address).ask(sent)
        kept = json.loads(reply.body)["id"] if reply.status == 201 else ""
        self._keep("correction", due, reply, "" if kept else _unexpected(reply), kept)

    async def _check(self, path: str, due: float) -> None:
        reply = await Connection(*self._address).ask(request("GET", path, self._keys["free"], close=True))
        self._keep("health", due, reply, "" if reply.status == 200 else _unexpected(reply))

    def _keep(self, kind: str, due: float, reply: Reply, wrong: str, kept: str = "") -> None:
        self._answers.append(Answer(kind, due, monotonic() - due, reply.status, reply.port, wrong, kept))


def _unexpected(reply: Reply) -> str:
    """Say what is wrong with an answer that is no success; empty if it is a declared refusal."""
    if reply.status in REFUSALS and reply.content_type.startswith("application/problem+json"):
        return ""
    return f"{reply.status or 'no answer'}: {reply.body[:160].decode('latin-1')}"
