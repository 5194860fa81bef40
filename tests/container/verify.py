"""Build the image, run it as docker-compose.yml confines it, and check what it promises.

    python -m tests.container.verify

With a Docker engine that is `docker compose up`. Without one, the service runs as process 1 on a read-only root, with
the image's user, environment and command.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.container.engines import Buildah, Docker

SEVEN = Path(__file__).with_name("seven.png")
"""An image of MNIST's test set."""

PATIENCE = 60
"""Seconds from start to ready after which the service counts as broken."""

WRITABLE = """
import sys, tempfile
for directory in sys.argv[1:]:
    try:
        tempfile.TemporaryFile(dir=directory)
    except OSError:
        continue
    print(directory)
"""

IMPORTABLE = """
import importlib.util, sys
print(*filter(importlib.util.find_spec, sys.argv[1:]))
"""

INSTALLED = """
import re
from importlib.metadata import distributions
print(*(re.sub("[-_.]+", "-", each.name).lower() + "==" + each.version for each in distributions()))
"""

MEMORY = """
import os, pathlib, re
for process in pathlib.Path("/proc").iterdir():
    if process.name.isdecimal() and process.name != str(os.getpid()):
        print(re.search("^Pss: +([0-9]+)", (process / "smaps_rollup").read_text(), re.M)[1])
"""


def main() -> None:
    engine = Docker() if Docker.usable() else Buildah()
    try:
        verify(engine)
    finally:
        engine.clean()


def verify(engine: Docker | Buildah) -> None:
    with timed("base ready"):
        engine.prepare()
    with timed("image built"):
        engine.build()
    base = f", {engine.base_bytes / 1e6:.0f} MB of it the base" if engine.base_bytes else ""
    print(f"image size          {engine.image_bytes / 1e6:.0f} MB{base}")
    with timed("start to ready"):
        engine.start()
        await_ready(engine.port)

    promise("reads a seven", ask(engine.port, "POST", "/predict", SEVEN.read_bytes())["digit"] == 7)
    kind, *health = engine.config["Healthcheck"]["Test"]
    promise("passes its health check", kind == "CMD" and engine.execute(*health) == "")
    promise("is not root", engine.execute("id", "--user").strip() == engine.config["User"].split(":")[0] != "0")
    directories = ("/", "/app", "/app/service", "/app/models/artifacts", "/venv", "/var/tmp", "/tmp")
    promise("writes only to /tmp", engine.execute("python", "-c", WRITABLE, *directories).split() == ["/tmp"])
    packages = ("service", "tensorflow", "keras", "model_training", "tests", "pip")
    promise("contains no training code", engine.execute("python", "-c", IMPORTABLE, *packages).split() == ["service"])
    bill = json.loads(engine.execute("cat", engine.config["Labels"]["digits.sbom"]))["components"]
    always = {each["bom-ref"] for each in bill if each["scope"] == "required"}
    installed = set(engine.execute("python", "-c", INSTALLED).split())
    promise("has a bill of its packages", always <= installed <= {each["bom-ref"] for each in bill})
    pss = [int(kib) / 1024 for kib in engine.execute("python", "-c", MEMORY).split()]
    print(f"resident memory     {sum(pss):.0f} MiB in {len(pss)} processes (PSS)")
    with timed("load test"):
        engine.load("--run-time=5s")  # fails if a response is wrong
    with timed("stop"):
        status = engine.stop()
    promise("stops with status 0", status == 0)


def await_ready(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if ask(port, "GET", "/health/ready").get("status") == "ready":
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.02)
    sys.exit(f"container: not ready after {PATIENCE} s")


def ask(port: int, method: str, path: str, png: bytes | None = None) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, png, {"Content-Type": "image/png"} if png else {})
        return dict(json.load(connection.getresponse()))
    finally:
        connection.close()


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    print(f"{what:<20}{time.monotonic() - start:.1f} s", flush=True)


def promise(what: str, kept: bool) -> None:
    if not kept:
        sys.exit(f"container: broken promise: {what}")
    print(f"kept                {what}", flush=True)


if __name__ == "__main__":
    main()
