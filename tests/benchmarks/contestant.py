"""The servers that are measured, each tuned as its documentation advises, with as many workers as cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tests.benchmarks.payload import DRAWING, MNIST, PAYLOADS, Payload
from tests.benchmarks.protocol import BASE64, BINARY_TENSOR, FORM, OPEN_INFERENCE, PNG, Protocol

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
SERVED, TEXTBOOK = 3, 1
"""Versions of the model: `best`, which is served, and the textbook CNN."""


@dataclass(frozen=True)
class Contestant:
    """One server, and how to start it.

    Attributes:
        name: on the command line, in JSON, of its log.
        title: in tables.
        command: with {bin} for the folder of its python, and {port}, {second_port} and {workers}.
        role: `service`; `before`: another checkout of it; `peer`.
        app: the folder in peers/ of a peer's app and requirements; "": as its name.
        libraries: to report the versions of, besides Python's.
        payloads: that it is sent; peers do not canonicalize, so that they cannot read a cropped drawing.
        compared_with: name of the contestant whose rate is divided by its own.
        version: of the model that it serves.
        network: the file of the network, in the version's artifact or among its ONNX files.
        settings: its environment variables, with the same fields as `command`.
        checkout: of the service: where it is started.
    """

    name: str
    title: str
    command: tuple[str, ...]
    role: Literal["service", "before", "peer"] = "peer"
    app: str = ""
    libraries: tuple[str, ...] = ()
    protocol: Protocol = PNG
    payloads: tuple[Payload, ...] = (MNIST, DRAWING)
    compared_with: str = "service"
    version: int = SERVED
    network: str = "network.onnx"
    settings: Mapping[str, str] = field(default_factory=dict)
    checkout: Path = ROOT

    @property
    def folder(self) -> Path:
        """The working directory that it is started in."""
        return PEERS / (self.app or self.name) if self.role == "peer" else self.checkout


SERVICE = Contestant(
    "service", "this service", ("{bin}/python", "-m", "service"), role="service",
    libraries=("gunicorn", "flask", "ai-edge-litert", "httptools", "opencv-python-headless", "pillow"),
    payloads=PAYLOADS, settings={"DIGITS_VERSION": str(SERVED)},
)  # fmt: skip
SERVICE_CNN = replace(
    SERVICE, name="service_cnn", title="this service, textbook CNN", payloads=(MNIST,),
    compared_with="service_cnn", version=TEXTBOOK, settings={"DIGITS_VERSION": str(TEXTBOOK)},
)  # fmt: skip
SERVICE_TENSOR = replace(
    SERVICE, name="service_tensor", title="this service, raw tensor by /v2", protocol=BINARY_TENSOR,
    payloads=(MNIST,),
)  # fmt: skip
SERVICES = (SERVICE, SERVICE_CNN, SERVICE_TENSOR)

FASTAPI = Contestant(
    "fastapi", "FastAPI, uvicorn, ONNX Runtime",
    ("{bin}/uvicorn", "app:app", "--host", "127.0.0.1", "--port", "{port}", "--workers", "{workers}",
     "--no-access-log", "--log-level", "warning"),
    libraries=("fastapi", "uvicorn", "uvloop", "httptools", "onnxruntime"),
)  # fmt: skip
GUNICORN = (
    "{bin}/gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "{workers}", "--threads", "4", "-k", "gthread",
    "--log-level", "warning", "--no-control-socket", "app:app",
)  # fmt: skip

CONTESTANTS = (
    *SERVICES,
    FASTAPI,
    replace(FASTAPI, name="fastapi_int8", title="FastAPI, uvicorn, ONNX Runtime int8", app="fastapi",
            network="network.int8.onnx"),
    replace(FASTAPI, name="fastapi_cnn", title="FastAPI, uvicorn, ONNX Runtime, textbook CNN", app="fastapi",
            payloads=(MNIST,), compared_with="service_cnn", version=TEXTBOOK),
    Contestant(
        "triton", "Triton, raw tensor by /v2", ("{bin}/python", "start.py"),
        libraries=("nvidia-pytriton", "onnxruntime"), protocol=BINARY_TENSOR, payloads=(MNIST,),
        compared_with="service_tensor",
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
        "flask_onnx", "Flask, gthread, ONNX Runtime", GUNICORN, libraries=("flask", "gunicorn", "onnxruntime"),
    ),
    Contestant(
        "flask_keras", "Flask, gthread, Keras model(x)", GUNICORN,
        libraries=("flask", "gunicorn", "keras", "tensorflow-cpu"), network="network.keras",
        settings={"TF_CPP_MIN_LOG_LEVEL": "2", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
    ),
)  # fmt: skip


def before(checkout: Path) -> list[Contestant]:
    """Another checkout of the service, in the same three ways as this one.

    It runs in the checkout's own .venv, or else with this process's python.
    """
    return [
        replace(
            contestant,
            name=f"{contestant.name}_before",
            title=contestant.title.replace("this service", "before"),
            role="before",
            libraries=(),
            compared_with=contestant.name,
            checkout=checkout.resolve(),
        )
        for contestant in SERVICES
    ]
