"""Run nginx with a configuration until the end of a test."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import serving
from tests.service.steady import until

SITE = """
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"""
"""A configuration of one site."""


@contextmanager
def site(folder: Path, locations: str) -> Iterator[str]:
    """Run nginx with these locations; yield its address."""
    port = serving.free_port()
    with running(folder, SITE.format(port=port, locations=locations), port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(folder: Path, config: str, port: int, host: str = "127.0.0.1") -> Iterator[None]:
    """Run nginx with a configuration, from when it listens."""
    (folder / "nginx.conf").write_text(config)
    user = "user root; " if os.geteuid() == 0 else ""  # the owner of the folder
    process = subprocess.Popen(
        ["nginx", "-p", folder, "-c", folder / "nginx.conf", "-g", f"{user}daemon off;"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: _listens(host, port))
        yield
    finally:
        process.send_signal(signal.SIGQUIT)
        process.communicate(timeout=serving.PATIENCE)


def _listens(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0


def documented_locations(url: str) -> str:
    """Return the locations that docs/operations.md puts the service under `/digits/` with.

    Args:
        url: of the service.
    """
    (block,) = re.findall(r"```nginx\n(.*?)```", (serving.ROOT / "docs" / "operations.md").read_text(), re.S)
    assert block.count("http://127.0.0.1:8000") == 1
    return block.replace("http://127.0.0.1:8000", url)
