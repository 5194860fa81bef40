"""What gunicorn runs: the fast lane for predictions, Flask for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, cast

import cv2
from a2wsgi import WSGIMiddleware

from service import create_app
from service.access.admission import Admission
from service.config import Config
from service.inference import malloc
from service.protocols.registry import find
from service.server.balance import Balance
from service.server.body import Receive
from service.server.lane import Lane, Send
from service.server.shortcut import Shortcut
from service.shared import Shared

FLASK_THREADS = 4


class Application:
    """An ASGI application: predictions in the fast lane, all other paths in Flask.

    Args:
        config: None: from the environment.
        shared: None: with nobody.

    Raises:
        ConfigError: a setting is unknown or has a bad value.
        ArtifactError: the model must not be served.
    """

    def __init__(self, config: Config | None = None, shared: Shared | None = None) -> None:
        config = config or Config.from_environment()
        malloc.keep_for_the_next()
        cv2.setNumThreads(1)  # one worker a core: more threads than that only wait for each other
        flask = create_app(config, shared)
        self.predictor = flask.extensions["predictor"]
        self._follower = flask.extensions["follower"]
        self._canary = flask.extensions["canary"]
        self._canary_follower = flask.extensions["canary_follower"]
        metrics, keys = flask.extensions["metrics"], flask.extensions["keys"]
        self._redis_rates = flask.extensions["redis_rates"]
        self._traces = flask.extensions["traces"]
        admission = Admission(config, metrics)
        self.balance = Balance(metrics.counters, metrics.slot)
        self.shortcut = Shortcut(self._canary, admission, config, metrics, keys)
        self._lane = Lane(self._canary, admission, config, metrics, keys, self._traces)
        self._flask = WSGIMiddleware(cast(Any, flask), workers=FLASK_THREADS)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one connection of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST" and (endpoint := find(scope["path"])):
            await self._lane(endpoint, scope, receive, send)
        else:
            await self._flask(cast(Any, scope), cast(Any, receive), cast(Any, send))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._follower.start(self.predictor)
        if self._canary_follower:
            self._canary_follower.start(self._canary)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._follower.close()
        if self._canary_follower:
            self._canary_follower.close()
        self._canary.close()
        self._lane.close()
        if self._redis_rates:
            await self._redis_rates.close()
        if self._traces:
            await asyncio.to_thread(self._traces.close)
        await send({"type": "lifespan.shutdown.complete"})
