"""Build the image and run it confined: with a Docker engine, or with buildah and util-linux without one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

DEBIAN = "bookworm"
"""The release with Python 3.11, like the Dockerfile's base."""

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""As every published base image sets it."""

PIP_SETTINGS = ("/etc/pip.conf", "/etc/xdg/pip", "/etc/ssl/certs")
"""This machine's settings of pip's index; mounted for the build only."""

CONFINE = """
set -e
root=$1 workdir=$2 user=$3 models=$4; shift 4
mount --bind "$root" "$root"
mount --bind "$models" "$root/app/models/artifacts"
mount -o remount,bind,ro "$root/app/models/artifacts"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
exec setpriv --no-new-privs unshare --root="$root" --wd="$workdir" --setgid="${user#*:}" --setuid="${user%:*}" "$@"
"""
"""The restrictions of docker-compose.yml, in the namespaces of `unshare`."""


class Docker:
    """Run the compose file with a Docker engine."""

    port = 8000
    base_bytes = 0  # unknown

    def __init__(self) -> None:
        self._compose = ("docker", "compose", "--project-directory", str(ROOT), "--project-name", "digits-verify")

    @staticmethod
    def usable() -> bool:
        return shutil.which("docker") is not None and all(
            subprocess.run(command, capture_output=True).returncode == 0
            for command in (("docker", "info"), ("docker", "compose", "version"))
        )

    def prepare(self) -> None:
        """Do nothing: compose fetches the base."""

    def build(self) -> None:
        run(*self._compose, "build", "--quiet")
        (image,) = json.loads(run("docker", "image", "inspect", run(*self._compose, "config", "--images").strip()))
        self.image_bytes: int = image["Size"]
        self.config: dict[str, Any] = image["Config"]

    def start(self) -> None:
        run(*self._compose, "up", "--detach")

    def execute(self, *command: str) -> str:
        return run(*self._compose, "exec", "-T", "digits", *command)

    def load(self, *options: str) -> str:
        return run(*self._compose, "--profile", "loadtest", "run", "--rm", "--build", "loadtest", *options)

    def stop(self) -> int:
        """Stop the service and return its exit status."""
        run(*self._compose, "stop")
        container = run(*self._compose, "ps", "--all", "--quiet").strip()
        return int(run("docker", "inspect", "--format", "{{.State.ExitCode}}", container))

    def clean(self) -> None:
        subprocess.run([*self._compose, "logs", "--no-log-prefix"], check=False)
        run(*self._compose, "down", "--rmi", "local")


class Buildah:
    """Run the image without an engine, on a fresh Debian as its base. Requires root."""

    def __init__(self) -> None:
        tools = ("buildah", "debootstrap", "unshare", "nsenter", "setpriv")
        missing = [tool for tool in tools if shutil.which(tool) is None]
        if missing or os.geteuid() != 0:
            lacking = ", ".join(missing) if missing else "root"
            sys.exit(
                f"container: no Docker engine with compose answers; to do without one, install or become: {lacking}"
            )
        self._work = Path(tempfile.mkdtemp(prefix="digits-container-"))
        stores = (f"--root={self._work / 'storage'}", f"--runroot={self._work / 'run'}")
        self._buildah = ("buildah", "--storage-driver=vfs", *stores)
        self._service: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def prepare(self) -> None:
        """Build the base image."""
        container = run(*self._buildah, "from", "scratch").strip()
        root = run(*self._buildah, "mount", container).strip()
        mirrors = run("apt-get", "indextargets", "--format=$(REPO_URI)", "Created-By: Packages", f"Codename: {DEBIAN}")
        packages = "--include=python3,python3-venv,ca-certificates"
        run("debootstrap", "--variant=minbase", packages, DEBIAN, root, *mirrors.split()[:1])
        for downloads in ("var/cache/apt", "var/lib/apt/lists"):
            shutil.rmtree(Path(root, downloads))
        self.base_bytes = size(root)
        run(*self._buildah, "config", f"--env=PATH={SEARCH_PATH}", container)
        run(*self._buildah, "commit", "--quiet", "--rm", container, "base")

    def build(self) -> None:
        container = self._container("digits")
        self._root = run(*self._buildah, "mount", container).strip()
        self.image_bytes = size(self._root)
        self.config = json.loads(run(*self._buildah, "inspect", container))["Docker"]["config"]
        self._environment = dict(setting.split("=", 1) for setting in self.config["Env"]) | {"PORT": str(self.port)}

    def start(self) -> None:
        models = str(ROOT / "models/artifacts")
        confine = ("sh", "-c", CONFINE, "confine", self._root, self.config["WorkingDir"], self.config["User"], models)
        namespaces = ("unshare", "--mount", "--pid", "--fork")
        self._service = subprocess.Popen([*namespaces, *confine, *self.config["Cmd"]], env=self._environment)

    def execute(self, *command: str) -> str:
        user, group = self.config["User"].split(":")
        enter = ("nsenter", f"--target={self._process()}", "--mount", "--pid", "--root", "--wd")
        return run(*enter, f"--setgid={group}", f"--setuid={user}", *command, env=self._environment)

    def load(self, *options: str) -> str:
        container = self._container("loadtest", "--target=loadtest")
        config = json.loads(run(*self._buildah, "inspect", container))["Docker"]["config"]
        command = (*config["Entrypoint"], f"--host=http://127.0.0.1:{self.port}", *options)
        return run(*self._buildah, "run", "--isolation=chroot", container, "--", *command)

    def stop(self) -> int:
        """Stop the service and return its exit status."""
        assert self._service is not None
        os.kill(self._process(), signal.SIGTERM)
        return self._service.wait(60)

    def clean(self) -> None:
        if self._service and self._service.poll() is None:
            os.kill(self._process(), signal.SIGKILL)
            self._service.wait()
        shutil.rmtree(self._work)

    def _container(self, tag: str, *target: str) -> str:
        """Build an image and create a container of it."""
        volumes = [f"--volume={path}:{path}:ro" for path in PIP_SETTINGS if Path(path).exists()]
        options = ("--isolation=chroot", "--format=docker", "--pull-never", "--build-arg=BASE=base", *volumes, *target)
        run(*self._buildah, "bud", "--quiet", *options, f"--tag={tag}", str(ROOT))
        return run(*self._buildah, "from", "--pull-never", tag).strip()

    def _process(self) -> int:
        """Find the id, outside the container, of its process 1."""
        assert self._service is not None
        unshare = self._service.pid
        return int(Path(f"/proc/{unshare}/task/{unshare}/children").read_text())


def run(*command: str, env: dict[str, str] | None = None) -> str:
    """Return the output of a command, or exit with the end of it if the command fails."""
    done = subprocess.run(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"{done.stdout[-3000:]}\ncontainer: {' '.join(command)[:200]} failed with status {done.returncode}")
    return done.stdout


def size(root: str) -> int:
    return int(run("du", "--summarize", "--bytes", root).split()[0])
