from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks import __main__ as command
from tests.benchmarks.contestant import CONTESTANTS
from tests.benchmarks.payload import PAYLOADS
from tests.benchmarks.protocol import BASE64, BINARY_TENSOR, FORM, OPEN_INFERENCE, PNG


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_every_protocol_carries_the_png(payload) -> None:
    assert PNG.encode(payload.png) == payload.png
    assert payload.png in FORM.encode(payload.png)
    assert json.loads(BASE64.encode(payload.png))["image"]
    assert json.loads(OPEN_INFERENCE.encode(payload.png))["inputs"][0]["shape"] == [1]


def test_a_binary_tensor_is_the_digit_s_pixels_behind_json_of_the_announced_length() -> None:
    body = BINARY_TENSOR.encode(PAYLOADS[0].png)
    length = int(BINARY_TENSOR.headers["Inference-Header-Content-Length"])
    assert json.loads(body[:length])["inputs"][0]["shape"] == [1, 28, 28]
    assert body[length:] == Image.open(io.BytesIO(PAYLOADS[0].png)).tobytes()
    with pytest.raises(ValueError, match="28x28"):
        BINARY_TENSOR.encode(PAYLOADS[1].png)


def test_every_protocol_finds_the_digit_in_its_response() -> None:
    assert PNG.digit(b'{"digit": 7}') == BASE64.digit(b'{"digit": 7}') == FORM.digit(b'[{"digit": 7}]') == 7
    assert OPEN_INFERENCE.digit(b'{"outputs": [{"data": [0.1, 0.7, 0.2]}]}') == 1
    assert BINARY_TENSOR.digit(b"{}" + np.eye(10, dtype="<f4")[4].tobytes()) == 4


def test_every_peer_has_an_app_and_hashed_requirements() -> None:
    for contestant in CONTESTANTS:
        if contestant.role == "peer":
            assert list(contestant.folder.glob("*.py"))
            assert "--hash=sha256:" in (contestant.folder / "requirements.txt").read_text()


def test_only_known_rows_can_be_chosen() -> None:
    assert command.arguments().parse_args(["--only", "fastapi,stages"]).only == ["fastapi", "stages"]
    with pytest.raises(SystemExit):
        command.arguments().parse_args(["--only", "nginx"])
