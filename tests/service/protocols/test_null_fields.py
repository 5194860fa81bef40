"""Null where a field is optional, as data models write what they leave out, through Flask and through the server."""

from __future__ import annotations

import base64
import json

import pytest

JSON = "application/json"
STROKES = [[[60, 60], [220, 60], [120, 240]]]
PIXELS = {"name": "image", "datatype": "UINT8", "shape": [1, 28, 28]}


@pytest.fixture
def ask(send):
    """ask(path, document) -> status and answer, without what differs between two requests."""

    def ask(path, document):
        reply = send("POST", path, json.dumps(document).encode(), JSON, {"X-Request-ID": "same"})
        return reply.status, reply.json

    return ask


@pytest.fixture(scope="module")
def text(encode, digits):
    return base64.b64encode(encode(digits[0])).decode()


@pytest.mark.parametrize("path", ["/predict", "/read"])
def test_the_service_s_own_fields(ask, text, digits, path):
    for value in ({"image": text}, {"pixels": digits[0].tolist()}, {"strokes": STROKES}):
        nulls = dict.fromkeys(("image", "pixels", "strokes"))
        assert ask(path, nulls | value | {"images": None}) == ask(path, value)
        assert ask(path, {"images": [nulls | value], "image": None}) == ask(path, {"images": [value]})
    assert ask(path, {"image": None})[1]["code"] == "bad_document"
    assert ask(path, {"images": None})[1]["code"] == "bad_document"


def test_tensorflow_serving_s_fields(ask, digits):
    pixels = digits[:1].tolist()
    predict, classify = "/v1/models/digits:predict", "/v1/models/digits:classify"
    assert ask(predict, {"signature_name": None, "instances": pixels, "inputs": None}) == ask(
        predict, {"instances": pixels}
    )
    assert ask(predict, {"instances": None, "inputs": pixels}) == ask(predict, {"inputs": pixels})
    examples = {"examples": [{"image": pixels[0]}]}
    assert ask(classify, {"signature_name": None, "context": None} | examples) == ask(classify, examples)
    assert ask(predict, {"instances": None, "inputs": None})[0] == 400


@pytest.mark.parametrize("model", ["digits", "numbers"])
def test_open_inference_s_fields(ask, text, digits, model):
    path = f"/v2/models/{model}/infer"
    inputs = [{"name": "image", "datatype": "BYTES", "shape": [1], "data": [text]}]
    plain = ask(path, {"inputs": inputs})
    assert plain[0] == 200
    tensor = inputs[0] | {"parameters": None}
    for parameters in (None, {}, {"binary_data_output": None, "sequence_id": None}):
        whole = {"id": None, "parameters": parameters, "outputs": None, "inputs": [tensor]}
        assert ask(path, whole) == plain
    with_size = inputs[0] | {"parameters": {"binary_data_size": None}}
    named = [{"name": output["name"], "parameters": None} for output in plain[1]["outputs"]]
    described = [output | {"parameters": {"classification": None, "binary_data": None}} for output in named]
    for outputs in (named, described, []):
        assert ask(path, {"inputs": [with_size], "outputs": outputs}) == plain


def test_an_output_whose_binary_data_is_null_is_as_the_request_says(send, digits):
    document = {
        "inputs": [PIXELS | {"data": digits[:1].ravel().tolist()}],
        "outputs": [{"name": "label", "parameters": {"binary_data": None}}],
        "parameters": {"binary_data_output": True},
    }
    reply = send("POST", "/v2/models/digits/infer", json.dumps(document).encode(), JSON)
    assert reply.body[int(reply.headers["Inference-Header-Content-Length"]) :] == (7).to_bytes(8, "little")


def test_data_that_is_null_beside_binary_data_is_none(send, digits):
    tensor = PIXELS | {"data": None, "parameters": {"binary_data_size": 784}}
    head = json.dumps({"inputs": [tensor], "outputs": [{"name": "label"}]}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    reply = send("POST", "/v2/models/digits/infer", head + digits[0].tobytes(), "application/octet-stream", headers)
    assert reply.json["outputs"][0]["data"] == [7]


def test_what_is_not_optional_must_not_be_null(ask, text):
    tensor = {"name": "image", "datatype": "BYTES", "shape": [1], "data": [text]}
    for key in tensor:
        assert ask("/v2/models/digits/infer", {"inputs": [tensor | {key: None}]})[0] == 400


def test_a_correction_s_fields(send, text):
    fields = {"label": 7, "image": text, "strokes": None, "said": None, "model": None}
    client = {"X-Forwarded-For": "198.51.100.7"}
    assert send("POST", "/corrections", json.dumps(fields).encode(), JSON, client).status == 201
    nothing = json.dumps(fields | {"image": None}).encode()
    assert send("POST", "/corrections", nothing, JSON, client).status == 400
