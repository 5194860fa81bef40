"""Compressed request bodies, through Flask and through the server."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

PREDICT, INFER = "/predict", "/v2/models/digits/infer"
COMPRESSORS = {"gzip": gzip.compress, "deflate": zlib.compress, "GZip": gzip.compress, "identity": bytes}


@pytest.fixture
def compressed(send):
    """compressed(body, coding, path) -> Reply"""
    return lambda body, coding, path=PREDICT: send(
        "POST", path, body, "image/png" if path == PREDICT else "application/json", {"Content-Encoding": coding}
    )


@pytest.mark.parametrize("coding", COMPRESSORS)
def test_a_compressed_body_is_answered_as_the_plain_one(compressed, post, encode, splits, coding):
    image = encode(splits.test.digits[0])
    reply = compressed(COMPRESSORS[coding](image), coding)
    assert reply.status == 200
    assert reply.json["probabilities"] == post(image).json["probabilities"]
    asked = {
        "inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 28, 28], "data": splits.test.digits[0].tolist()}]
    }
    reply = compressed(COMPRESSORS[coding](json.dumps(asked).encode()), coding, INFER)
    assert reply.json["outputs"][1]["data"] == [7]


@pytest.mark.parametrize(
    ("body", "coding", "status", "code", "complaint"),
    [
        (b"x", "br", 415, "unsupported_content_encoding", "The Content-Encoding br is not read; send gzip or deflate"),
        (b"x", "gzip, gzip", 415, "unsupported_content_encoding", "send gzip or deflate"),
        (b"no gzip", "gzip", 400, "bad_content_encoding", "not whole gzip"),
        (b"", "gzip", 400, "bad_content_encoding", "bytes are missing"),
        (gzip.compress(b"cut short")[:-1], "gzip", 400, "bad_content_encoding", "bytes are missing"),
        (gzip.compress(b"one") + b"two", "gzip", 400, "bad_content_encoding", "bytes follow its end"),
        (gzip.compress(b"gzip"), "deflate", 400, "bad_content_encoding", "not whole deflate"),
        (gzip.compress(bytes((16 << 20) + 1)), "gzip", 413, "body_too_large", "over 16,777,216 bytes"),
    ],
)
def test_a_body_that_cannot_be_decompressed_is_refused(compressed, body, coding, status, code, complaint):
    reply = compressed(body, coding)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert complaint in reply.json["detail"]
    reply = compressed(body, coding, INFER)
    assert reply.status == (400 if status == 415 else status)
    assert complaint in reply.json["error"]
