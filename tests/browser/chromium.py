"""The system's Chromium; `python -m tests.browser.chromium` installs it on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Keep Chromium from connecting to any other host than the service."""


def find() -> str | None:
    """Find the path of the executable."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def arguments() -> list[str]:
    """The command-line arguments; root cannot use the sandbox."""
    return [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else [*QUIET]


def main() -> None:
    if find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    if not find():
        sys.exit("The browser tests need Chromium: install the package chromium, or Google Chrome, and run this again.")


if __name__ == "__main__":
    main()
