"""Who is measured, and how each is started: tuned as its documentation advises, as many workers as cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tests.benchmarks.payload import PAYLOADS, Payload
from tests.benchmarks.protocol import BASE64, BINARY_TENSOR, FORM, OPEN_INFERENCE, PNG, Protocol

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
MODEL_VERSION = 1
"""The textbook CNN, whatever is stable by now."""


@dataclass(frozen=True)
class Contestant:
    name: str  # on the command line; of a peer's folder
    title: str  # in tables
    command: tuple[str, ...]  # {bin}: of its environment; {port}, {second_port}, {workers}
    # dialect: the service by another protocol; floor: the service's HTTP server with no model behind it
    role: Literal["service", "dialect", "peer", "floor"] = "peer"
    libraries: tuple[str, ...] = ()  # whose versions are reported, besides Python's
    protocol: Protocol = PNG
    payloads: tuple[Payload, ...] = PAYLOADS  # that it is sent
    compared_with: str = "service"  # name of the contestant whose rate is divided by its own
    network: str = "network.onnx"  # the artifact's file that it loads
    settings: Mapping[str, str] = field(default_factory=dict)  # its environment variables, formatted as `command`

    @property
    def folder(self) -> Path:
        """Where it is started."""
        return PEERS / self.name if self.role == "peer" else ROOT


GUNICORN = (
    "{bin}/gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "{workers}",
    "--log-level", "warning", "--no-control-socket",
)  # fmt: skip

SERVICE = Contestant(
    "service", "this service", ("{bin}/python", "-m", "service"), role="service",
    libraries=("gunicorn", "flask", "onnxruntime", "opencv-python-headless", "pillow"),
    settings={"DIGITS_VERSION": str(MODEL_VERSION)},
)  # fmt: skip
DIALECT = replace(
    SERVICE, name="service_v2", title="this service, raw tensor by /v2", role="dialect", protocol=BINARY_TENSOR,
    payloads=PAYLOADS[:1],
)  # fmt: skip

CONTESTANTS = (
    SERVICE,
    DIALECT,
    Contestant(
        "fastapi", "FastAPI, uvicorn, ONNX Runtime",
        ("{bin}/uvicorn", "app:app", "--host", "127.0.0.1", "--port", "{port}", "--workers", "{workers}",
         "--no-access-log", "--log-level", "warning"),
        libraries=("fastapi", "uvicorn", "uvloop", "httptools", "onnxruntime"),
    ),
    Contestant(
        "litserve", "LitServe", ("{bin}/python", "app.py"),
        libraries=("litserve", "uvicorn", "onnxruntime"), protocol=BASE64,
    ),
    Contestant(
        "bentoml", "BentoML, adaptive batching",
        ("{bin}/bentoml", "serve", "app:Digits", "--host", "127.0.0.1", "--port", "{port}"),
        libraries=("bentoml", "uvicorn", "onnxruntime"), protocol=FORM,
        settings={"BENTOML_DO_NOT_TRACK": "True"},
    ),
    Contestant(
        "mlserver", "MLServer, adaptive batching", ("{bin}/mlserver", "start", "."),
        libraries=("mlserver", "uvicorn", "onnxruntime"), protocol=OPEN_INFERENCE,
        settings={
            "MLSERVER_HTTP_PORT": "{port}",
            "MLSERVER_GRPC_PORT": "{second_port}",
            "MLSERVER_PARALLEL_WORKERS": "{workers}",
        },
    ),
    Contestant(
        "triton", "Triton, raw tensor by /v2", ("{bin}/python", "start.py"),
        libraries=("nvidia-pytriton", "onnxruntime"), protocol=BINARY_TENSOR, payloads=PAYLOADS[:1],
        compared_with=DIALECT.name,
    ),
    Contestant(
        "flask_onnx", "Flask, gthread, ONNX Runtime", (*GUNICORN, "--threads", "4", "-k", "gthread", "app:app"),
        libraries=("flask", "gunicorn", "onnxruntime"),
    ),
    Contestant(
        "flask_keras", "Flask, gthread, Keras model(x)", (*GUNICORN, "--threads", "4", "-k", "gthread", "app:app"),
        libraries=("flask", "gunicorn", "keras", "tensorflow-cpu"), network="network.keras",
        settings={"TF_CPP_MIN_LOG_LEVEL": "2", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
    ),
    Contestant(
        "floor", "HTTP floor: no model", (*GUNICORN, "-k", "asgi", "tests.benchmarks.floor:app"), role="floor",
        libraries=("gunicorn",),
    ),
)  # fmt: skip
