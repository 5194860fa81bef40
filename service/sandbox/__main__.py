"""python -m service.sandbox LIMITS DESCRIPTOR: the fork server, started by `Sandbox`."""

from __future__ import annotations

import json
import socket
import sys
from functools import partial

from service.config import Config
from service.sandbox import fork_server, process


def main() -> None:
    """Load what reading needs, then fork processes that read."""
    limits, descriptor = sys.argv[1:]
    config = Config(**json.loads(limits))
    process.prepare()
    fork_server.serve(socket.socket(fileno=int(descriptor)), partial(process.run, config=config))


if __name__ == "__main__":
    main()
