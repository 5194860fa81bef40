from __future__ import annotations

import errno
import os
import resource
import tracemalloc

import pytest

from models.errors import Overloaded
from service.protocols import body as bodies
from service.protocols.body import LIGHT_BYTES, Body
from tests.service.process_limit import limit


def test_a_body_in_one_small_piece_is_those_bytes():
    piece = bytes(LIGHT_BYTES)
    body = Body(piece)
    assert body.data() is piece
    assert (body.size, body.file()) == (LIGHT_BYTES, None)
    assert Body().data() == b""


@pytest.mark.parametrize("named", [False, True])
def test_a_larger_body_is_in_a_file_that_ends_with_it(monkeypatch, named):
    if named:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    pieces = [os.urandom(LIGHT_BYTES // 3) for _ in range(10)]
    body = Body()
    for piece in pieces:
        body.append(piece)
    assert body.data() == b"".join(pieces)
    descriptor = body.file()
    assert body.size == os.fstat(descriptor).st_size
    assert body.data() == b"".join(pieces) == os.pread(descriptor, 1 << 20, 0)
    del body
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(descriptor)


def test_a_body_of_tiny_pieces_takes_little_more_than_its_bytes():
    body = Body()
    tracemalloc.start()
    for n in range(0, LIGHT_BYTES, 2):
        body.append(n.to_bytes(2))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * LIGHT_BYTES
    assert body.data()[:6] == b"\0\0\0\2\0\4"
    assert (body.size, body.file()) == (LIGHT_BYTES, None)


def test_a_body_without_a_descriptor_is_refused():
    body = Body(bytes(LIGHT_BYTES))
    with limit(resource.RLIMIT_NOFILE, 0), pytest.raises(Overloaded):
        body.append(b"more")
    assert body.data() == b""


def test_a_body_that_fills_the_disk_is_refused(monkeypatch):
    monkeypatch.setattr(bodies, "_open", lambda: os.open("/dev/full", os.O_RDWR))
    with pytest.raises(Overloaded):
        Body().append(bytes(LIGHT_BYTES + 1))
