"""A release that the registry has yanked or withdrawn is named, with what to do; the registry is a real, local one."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.locks import withdrawn
from tests.serving import free_port

Check = Callable[..., tuple[int, str]]


def wheel(name: str, version: str) -> bytes:
    buffer, folder = io.BytesIO(), f"{name}-{version}.dist-info"
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{folder}/RECORD", "")
    return buffer.getvalue()


WHEELS = {f"{name}-1.0-py3-none-any.whl": wheel(name, "1.0") for name in ("kept", "pulled", "silent")}
YANKED = {"pulled": "it deletes files", "silent": True}


class Index(BaseHTTPRequestHandler):
    """Pages in the JSON of PEP 691, with `yanked` as PEP 592 has it."""

    def do_GET(self) -> None:
        *_, folder, name = self.path.strip("/").split("/")
        body, kind = (WHEELS.get(name), "application/zip") if folder == "files" else self.page(name)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body or b"")

    do_HEAD = do_GET  # noqa: N815

    def page(self, project: str) -> tuple[bytes | None, str]:
        files = [
            {
                "filename": name,
                "url": f"/files/{name}",
                "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
                "yanked": YANKED.get(project, False),
            }
            for name, content in WHEELS.items()
            if name.startswith(f"{project}-")
        ]
        page = {"meta": {"api-version": "1.0"}, "name": project, "files": files}
        return json.dumps(page).encode() if files else None, "application/vnd.pypi.simple.v1+json"

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def check(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """check(project, ...) -> exit status and output for a lock of those projects; `withdrawn_file` adds a hash to each."""

    def check(*projects: str, withdrawn_file: bool = False, url: str = index) -> tuple[int, str]:
        for variable, value in {"DEFAULT_INDEX": url, "NO_CONFIG": "1", "HTTP_RETRIES": "0"}.items():
            monkeypatch.setenv(f"UV_{variable}", value)
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        lock, lines = tmp_path / "lock.txt", []
        for project in projects:
            content = WHEELS.get(f"{project}-1.0-py3-none-any.whl", b"gone")
            hashes = [hashlib.sha256(content).hexdigest(), *["0" * 64] * withdrawn_file]
            lines += [f"{project}==1.0 \\", " \\\n".join(f"    --hash=sha256:{each}" for each in hashes)]
        lock.write_text("\n".join(lines) + "\n")
        status = withdrawn.main([lock])
        output = capsys.readouterr()
        return status, output.out + output.err

    return check


def test_a_lock_of_kept_releases_is_fine(check: Check) -> None:
    status, said = check("kept")
    assert status == 0
    assert "nothing" in said


def test_a_yanked_release_is_named_with_its_reason_and_what_to_do(check: Check) -> None:
    status, said = check("kept", "pulled", "silent")
    assert status == 1
    assert "pulled==1.0 was yanked: it deletes files" in said
    assert "silent==1.0 was yanked: no reason given" in said
    assert "kept" not in said
    assert "make lock UPGRADE=" in said


def test_a_withdrawn_file_is_counted(check: Check) -> None:
    status, said = check("kept", withdrawn_file=True)
    assert status == 1
    assert "kept==1.0: 1 of its 2 files were withdrawn" in said


def test_a_withdrawn_project_is_named(check: Check) -> None:
    status, said = check("kept", "gone")
    assert status == 1
    assert "gone" in said


def test_a_registry_that_does_not_answer_is_no_all_clear(check: Check) -> None:
    status, said = check("kept", url=f"http://127.0.0.1:{free_port()}/simple")
    assert status == 2
    assert "not checked" in said
