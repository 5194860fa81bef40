"""The programs that the tests need; `python -m tests.deploy.programs` installs them on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "nginx": "nginx-light",
    "redis-server": "redis-server",
    "cc": "gcc",
}
"""Program -> its Debian package."""


def main() -> None:
    packages = sorted({package for program, package in PACKAGES.items() if not shutil.which(program)})
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    missing = [program for program in PACKAGES if not shutil.which(program)]
    if missing:
        sys.exit(f"The tests need {', '.join(missing)}: install them, on Debian as {', '.join(packages)}.")


if __name__ == "__main__":
    main()
