"""Settings, read from the environment and from nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from models.registry.contract import ENGINE_FILES
from models.registry.corrections import DEFAULT_URL, SCHEMES
from models.registry.store import ARTIFACTS
from service.errors import ConfigError

LOG_STYLES = ("quiet", "text", "json")
HTTP_SCHEMES = ("http://", "https://")
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
TRAINING_SETTINGS = {"DIGITS_CACHE", "DIGITS_EXTRA_DATA"}
"""Settings of model_training, which may share an environment with the service."""

Network = IPv4Network | IPv6Network
UNIX = "unix:"
"""Begins a HOST that is the path of a Unix socket."""
MAX_SOCKET_PATH = 107
_WITH_PORT = re.compile(r"[^:]*:[0-9]*|\[.*\]:[0-9]*")
DEFAULT_PORTS = {"http": "80", "https": "443"}
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


def listening_address(name: str, text: str) -> str:
    """Read the address to listen on: a name, an IPv4 or IPv6 address, the latter perhaps in brackets, or unix:PATH.

    Raises:
        ConfigError: it has a port, a zone, or a path that is too long.
    """
    if text.startswith(UNIX):
        path = text.removeprefix(UNIX)
        path = path.removeprefix("//") if path.startswith("///") else path
        if not path or len(os.fsencode(path)) > MAX_SOCKET_PATH:
            raise ConfigError(f"{name}: must be unix: and a path of 1 to {MAX_SOCKET_PATH} bytes, not {text!r}")
        return UNIX + path
    if _WITH_PORT.fullmatch(text):
        raise ConfigError(f"{name}: must be an address without a port, which PORT sets, not {text!r}")
    if "%" in text:
        raise ConfigError(f"{name}: must be an address without a zone, such as ::, not {text!r}")
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def hosts(name: str, text: str) -> tuple[str, ...]:
    """Read the names of hosts, separated by commas.

    Raises:
        ConfigError: one is not a name.
    """
    found = tuple(part.strip().lower() for part in text.split(","))
    for host in found:
        if not _HOST.fullmatch(host):
            raise ConfigError(f"{name}: must be names such as digits.example or *.digits.example, not {host!r}")
    return found


def origins(name: str, text: str) -> tuple[str, ...]:
    """Read origins, separated by commas, as browsers write them: in lower case, without the scheme's own port.

    Raises:
        ConfigError: one is not an origin.
    """
    found = []
    for part in text.split(","):
        matched = _ORIGIN.fullmatch(part.strip().lower())
        if not matched:
            raise ConfigError(f"{name}: must be origins such as https://site.example:8443, not {part.strip()!r}")
        scheme, host, port = matched.groups()
        found.append(f"{scheme}://{host}" + (f":{port}" if port and port != DEFAULT_PORTS.get(scheme) else ""))
    return tuple(found)


def networks(name: str, text: str) -> tuple[Network, ...]:
    """Read addresses and networks, separated by commas.

    Raises:
        ConfigError: one is neither.
    """
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError as error:
        raise ConfigError(f"{name}: must be addresses or networks such as 172.30.0.0/24; {error}") from error


@dataclass(frozen=True)
class Config:
    """The settings. `variable` names the environment variable of each field."""

    host: str = field(  # address to listen on
        default="127.0.0.1", metadata={"env": "HOST", "parse": listening_address}
    )
    port: int = field(default=8000, metadata={"env": "PORT", "least": 1, "most": 65_535})  # port to listen on
    workers: int = field(  # processes; one a core is best
        default_factory=lambda: usable_cores(), metadata={"env": "WORKERS", "least": 1, "most": 256}
    )
    models: Path = ARTIFACTS / "digits"  # directory with the versions of the model of digits
    numbers: Path = ARTIFACTS / "numbers"  # directory with those of the model that reads whole numbers
    version: str = "stable"  # version to serve: stable, canary or a number
    precision: str = field(default="int8", metadata={"choices": tuple(ENGINE_FILES)})  # arithmetic of the engine
    max_bytes: int = field(default=16 << 20, metadata={"least": 1024})  # bytes of a request's body
    max_pixels: int = field(default=12 << 20, metadata={"least": 784})  # pixels of an image
    max_items: int = field(default=256, metadata={"least": 1})  # images in one request
    max_queue: int = field(default=512, metadata={"least": 1})  # requests in progress in one worker
    deadline_ms: int = field(default=5000, metadata={"least": 1})  # milliseconds to answer a request in
    canary_share: int = field(default=0, metadata={"least": 0, "most": 100})  # percent of requests
    shadow_share: int = field(default=0, metadata={"least": 0, "most": 100})  # percent of requests
    keys: Path | None = None  # file of API keys; without it no request needs one
    redis_url: str | None = field(default=None, metadata={"schemes": REDIS_SCHEMES})  # rate limits of several machines
    log: str = field(default="quiet", metadata={"choices": LOG_STYLES})  # style of the access log
    traces: str | None = field(default=None, metadata={"schemes": HTTP_SCHEMES})  # OTLP endpoint for spans
    database_url: str = field(default=DEFAULT_URL, metadata={"schemes": SCHEMES})  # database of corrections
    hosts: tuple[str, ...] = field(default=(), metadata={"parse": hosts})  # names that the service answers to
    origins: tuple[str, ...] = field(default=(), metadata={"parse": origins})  # whose pages may read responses
    trusted_proxies: tuple[Network, ...] = field(  # those whose X-Forwarded-For is believed
        default=(), metadata={"parse": networks}
    )

    @property
    def deadline_seconds(self) -> float:
        """Return the deadline in seconds."""
        return self.deadline_ms / 1000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read `HOST`, `PORT`, `WORKERS` and `DIGITS_*`.

        Args:
            environment: variables by name; None reads those of the process.

        Raises:
            ConfigError: a `DIGITS_*` name is unknown, or a value is not allowed.
        """
        environment = os.environ if environment is None else environment
        names = {variable(f.name): f for f in fields(cls)}
        unknown = {name for name in environment if name.startswith("DIGITS_")} - names.keys() - TRAINING_SETTINGS
        if unknown:
            known = ", ".join(sorted(name for name in names if name.startswith("DIGITS_")))
            raise ConfigError(f"{min(unknown)}: no such setting; there are {known}")
        values: dict[str, object] = {}
        for name, setting in names.items():
            text = environment.get(name, "").strip()
            if not text:
                continue
            choices = setting.metadata.get("choices")
            if choices and text not in choices:
                raise ConfigError(f"{name}: must be {' or '.join(choices)}, not {text!r}")
            schemes = setting.metadata.get("schemes")
            if schemes and not text.startswith(schemes):
                raise ConfigError(f"{name}: must begin with {' or '.join(schemes)}")
            if parse := setting.metadata.get("parse"):
                values[setting.name] = parse(name, text)
            elif setting.type == "int":
                values[setting.name] = _integer(name, text, setting.metadata["least"], setting.metadata.get("most"))
            else:
                values[setting.name] = Path(text) if "Path" in str(setting.type) else text
        return cls(**values)  # type: ignore[arg-type]


def usable_cores() -> int:
    """Count the cores that this process may use; a container may have fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def variable(name: str) -> str:
    """Name the environment variable that sets a field of Config."""
    (setting,) = (f for f in fields(Config) if f.name == name)
    return setting.metadata.get("env") or f"DIGITS_{name.upper()}"


def _integer(name: str, text: str, least: int, most: int | None) -> int:
    if text.isascii() and text.isdecimal() and least <= int(text[:20]) and (most is None or int(text[:20]) <= most):
        return int(text)
    bounds = f"from {least} to {most}" if most else f"of at least {least}"
    raise ConfigError(f"{name}: must be a whole number {bounds}, not {text!r}")
