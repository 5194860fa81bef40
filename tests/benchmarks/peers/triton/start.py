"""python start.py: become the tritonserver that nvidia-pytriton carries, with $WORKERS instances of the model."""

from __future__ import annotations

import ctypes
import os
import shutil
import string
import sys
from pathlib import Path

import pytriton

MODEL = Path(__file__).with_name("digits")
NETWORK = Path(__file__).parents[1] / "shared" / "digit_network.py"
REPOSITORY = Path(sys.prefix) / "repository"
PACKAGE = Path(pytriton.__file__).parent
TRITON = PACKAGE / "tritonserver"
STUB = "triton_python_backend_stub"


def main() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        ctypes.CDLL(f"libpython{version}.so.1.0")
    except OSError as error:
        sys.exit(f"{error}; Triton needs it: on Debian, apt-get install libpython{version}")
    # The program that runs model.py is built for each Python; it goes where the backend looks for it.
    stubs = TRITON / "python_backend_stubs" / version
    shutil.copy(stubs / STUB, TRITON / "backends" / "python" / STUB)
    shutil.copytree(MODEL, REPOSITORY / MODEL.name, dirs_exist_ok=True)
    shutil.copy(NETWORK, REPOSITORY / MODEL.name / "1")  # Triton's Python looks at no PYTHONPATH
    config = REPOSITORY / MODEL.name / "config.pbtxt"
    config.write_text(string.Template(config.read_text()).substitute(os.environ))
    os.environ["LD_LIBRARY_PATH"] = str(PACKAGE.parent / "nvidia_pytriton.libs")
    server = TRITON / "bin" / "tritonserver"
    os.execv(
        server,
        [
            str(server), "--model-repository", str(REPOSITORY), "--backend-directory", str(TRITON / "backends"),
            "--http-address", os.environ["HOST"], "--http-port", os.environ["PORT"],
            "--allow-grpc", "false", "--allow-metrics", "false", "--log-info", "false",
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
