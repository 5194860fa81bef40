"""python -m service.score.rendering LIMITS DESCRIPTOR: the fork server, started by `Renderer`."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from functools import partial

from service.sandbox import fork_server


def main() -> None:
    """Fork processes that render, with those limits, when asked to at that descriptor."""
    limits, descriptor = sys.argv[1:]

    def load() -> Callable[[socket.socket], None]:
        from service.config import Config
        from service.sandbox import process as sandbox
        from service.score.rendering import process

        sandbox.prepare()
        return partial(process.run, config=Config(**json.loads(limits)))

    fork_server.serve(socket.socket(fileno=int(descriptor)), load)


if __name__ == "__main__":
    main()
