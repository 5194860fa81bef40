"""The Open Inference Protocol, through Flask and through the server; each response is checked against its description."""

from __future__ import annotations

import json
import re

import jsonschema
import numpy as np
import pytest

from service import create_app
from service.config import Config
from service.services import Services
from tests.service.open_inference_schema import check_response
from tests.textbook import NUMBERS, STORE

INFER = "/v2/models/digits/infer"
JSON = "application/json"


def tensor(data, datatype="UINT8", shape=None, **more):
    shape = list(np.shape(data)) if shape is None else shape
    return {"name": "image", "datatype": datatype, "shape": shape, "data": data} | more


@pytest.fixture(scope="module")
def send(send):
    """Send, and check every response against the description."""

    def checked(method, path, *more, **named):
        reply = send(method, path, *more, **named)
        check_response(method, path, reply.status, reply.headers, reply.body)
        return reply

    return checked


@pytest.fixture
def infer(send):
    """infer(document, path) -> Reply."""
    return lambda document, path=INFER: send("POST", path, json.dumps(document).encode(), JSON)


def outputs(reply):
    return {output["name"]: output for output in reply.json["outputs"]}


@pytest.mark.parametrize("path", [INFER, "/v2/models/digits/versions/1/infer"])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("datatype", ["UINT8", "FP32"])
def test_pixels_of_each_type_and_layout_are_classified(infer, digits, expected, path, flat, datatype):
    data = digits.astype(float) if datatype == "FP32" else digits
    reply = infer(
        {"id": "me", "inputs": [tensor((data.ravel() if flat else data).tolist(), datatype, [5, 28, 28])]}, path
    )
    assert reply.status == 200
    assert reply.json["id"] == "me"
    assert (reply.json["model_name"], reply.json["model_version"]) == ("digits", "1")
    found = outputs(reply)
    assert found["probabilities"]["shape"] == [5, 10]
    assert np.abs(np.array(found["probabilities"]["data"]).reshape(5, 10) - expected).max() < 1e-6
    assert found["label"] == {"name": "label", "datatype": "INT64", "shape": [5], "data": [7, 2, 1, 0, 4]}


def test_only_the_requested_outputs_are_sent(infer, digits):
    asked = {"inputs": [tensor(digits[:1].tolist())], "outputs": [{"name": "label"}]}
    assert list(outputs(infer(asked))) == ["label"]
    assert "id" not in infer(asked).json


def test_the_best_classes_are_written_as_triton_writes_them(infer, digits):
    wanted = [{"name": "probabilities", "parameters": {"classification": 2}}]
    found = outputs(infer({"inputs": [tensor(digits[:2].tolist())], "outputs": wanted}))["probabilities"]
    assert (found["datatype"], found["shape"]) == ("BYTES", [2, 2])
    assert re.fullmatch(r"(0\.99\d{4}|1\.000000):7:7", found["data"][0])


def test_a_blank_image_has_the_label_minus_one(infer):
    reply = infer({"inputs": [tensor(np.zeros((1, 28, 28), int).tolist())]})
    assert outputs(reply)["label"]["data"] == [-1]
    assert outputs(reply)["probabilities"]["data"] == pytest.approx([0.1] * 10)


def test_many_digits_are_answered_in_order(infer, splits):
    reply = infer({"inputs": [tensor(splits.test.digits[:100].tolist())]})
    assert outputs(reply)["label"]["data"][:5] == [7, 2, 1, 0, 4]
    assert len(outputs(reply)["label"]["data"]) == 100


@pytest.mark.parametrize(
    ("document", "status", "complaint"),
    [
        (b"", 400, "JSON Parse error"),
        (b"[]", 400, "must be an object"),
        (b"{}", 400, "expected 1 inputs but got 0 inputs for model 'digits'"),
        ({"inputs": []}, 400, "expected 1 inputs but got 0 inputs for model 'digits'"),
        ({"inputs": 7}, 400, "expected 1 inputs but got 0 inputs for model 'digits'"),
        ({"inputs": [{"name": "x"}]}, 400, "unexpected inference input 'x' for model 'digits'"),
        ({"inputs": [tensor([0], shape="x")]}, 400, "shape of whole numbers"),
        ({"inputs": [tensor([0], "INT8")]}, 400, "datatype INT8; send UINT8, FP32 or BYTES"),
        ({"inputs": [tensor([0])]}, 400, "Expected [-1,28,28], got [1]"),
        ({"inputs": [tensor([0], shape=[1, 28, 28])]}, 400, "not of shape [1, 28, 28]"),
        ({"inputs": [tensor([[0], [0, 1]], shape=[1, 28, 28])]}, 400, "not of shape [1, 28, 28]"),
        ({"inputs": [tensor("x", shape=[1, 28, 28])]}, 400, "must be an array"),
        ({"inputs": [tensor([], shape=[0, 28, 28])]}, 400, "at least one image"),
        ({"inputs": [tensor([256] * 784, shape=[1, 28, 28])]}, 400, "from 0 to 255"),
        ({"inputs": [tensor(["7"] * 784, shape=[1, 28, 28])]}, 400, "from 0 to 255"),
        ({"inputs": [tensor([None] * 784, shape=[1, 28, 28])]}, 400, "from 0 to 255"),
        ({"inputs": [tensor([0], parameters={"binary_data_size": 1})]}, 400, "either 'data' or 'binary_data_size'"),
        ({"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 28, 28]}]}, 400, "either 'data' or"),
        ({"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 28, 28], "parameters": {"binary_data_size": 784}}]}, 400, "0 bytes, not 784"),
        ({"inputs": [tensor([0], parameters=7)]}, 400, "'parameters' must be an object"),
        ({"id": 7, "inputs": []}, 400, "'id' must be a string"),
        ({"inputs": [], "outputs": [{"name": "logits"}]}, 400, "unexpected inference output 'logits' for model 'digits'"),
        ({"inputs": [], "outputs": [7]}, 400, "unexpected inference output '7' for model 'digits'"),
        ({"inputs": [], "outputs": 7}, 400, "unexpected inference output"),
        ({"inputs": [], "outputs": [{"name": "label", "parameters": {"classification": 1}}]}, 400, "of 'probabilities' alone"),
        ({"inputs": [tensor(["!"], "BYTES")]}, 400, "not valid base64"),
        ({"inputs": [tensor([7], "BYTES")]}, 400, "must be a base64 string"),
        ({"inputs": [tensor(["aGVsbG8="], "BYTES")]}, 400, "image 0: The bytes are no complete PNG"),
        ({"inputs": [tensor(["aGVsbG8="], "BYTES", [2])]}, 400, "of shape [2] has 1 elements"),
        ({"inputs": [tensor(["aGVsbG8="] * 300, "BYTES")]}, 413, "300 images; send at most 256"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused_in_the_protocol_s_shape(send, document, status, complaint):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    reply = send("POST", INFER, body, JSON)
    assert reply.status == status
    assert complaint in reply.json["error"]
    assert reply.headers["Content-Type"] == JSON


@pytest.mark.parametrize(
    ("length", "complaint"),
    [("x", "must be a number"), ("9999", "is over the 2 bytes"), ("-1", "must be a number"), ("0", "JSON Parse error")],
)
def test_a_wrong_header_length_is_refused(send, length, complaint):
    reply = send("POST", INFER, b"{}", JSON, {"Inference-Header-Content-Length": length})
    assert reply.status == 400
    assert complaint in reply.json["error"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [(b"\x01", "cut short"), (b"\x05\0\0\0abc", "cut short"), (b"\xff\xff\xff\xffabc", "cut short")],
)
def test_broken_binary_strings_are_refused(send, data, complaint):
    described = {"name": "image", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": len(data)}}
    head = json.dumps({"inputs": [described]}).encode()
    reply = send("POST", INFER, head + data, headers={"Inference-Header-Content-Length": str(len(head))})
    assert reply.status == 400
    assert complaint in reply.json["error"]


@pytest.mark.parametrize(
    "path", ["/v2/models/letters/infer", "/v2/models/digits/versions/9/infer", "/v2/models/digits/versions/x/infer"]
)
def test_another_model_or_version_is_not_found(infer, digits, path):
    reply = infer({"inputs": [tensor(digits[:1].tolist())]}, path)
    assert reply.status == 404
    assert reply.json["error"].startswith("Request for unknown model: '")


def test_metadata_and_readiness_are_served_with_and_without_the_version(send):
    assert send("GET", "/v2").json["name"] == "digits"
    for path in ("/v2/models/digits", "/v2/models/digits/versions/1"):
        assert send("GET", path).json["versions"] == ["1"]
    for path in (
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/digits/ready",
        "/v2/models/digits/versions/1/ready",
    ):
        assert send("GET", path).status == 200
    for path in ("/v2/models/x", "/v2/models/digits/versions/7", "/v2/models/digits/versions/7/ready", "/v2/nothing"):
        assert send("GET", path).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/stats", 200),
        ("GET", "/v2/models/digits/stats", 200),
        ("GET", "/v2/models/digits/versions/1/stats", 200),
        ("GET", "/v2/models/digits/versions/7/stats", 404),
        ("GET", "/v2/models/digits/config", 200),
        ("GET", "/v2/models/digits/versions/1/config", 200),
        ("GET", "/v2/models/digits/versions/7/config", 404),
        ("POST", "/v2/repository/index", 200),
        ("POST", "/v2/repository/models/digits/load", 503),
        ("POST", "/v2/repository/models/digits/unload", 503),
        ("DELETE", "/v2/models/digits", 405),
        ("GET", "/v2/models/digits/infer", 405),
    ],
)
def test_extensions_and_refusals_have_the_protocol_s_shape(send, method, path, status):
    assert send(method, path).status == status


@pytest.mark.parametrize("classes", [0, 3])
def test_binary_outputs_follow_a_json_header_of_the_announced_length(infer, digits, classes):
    parameters = {"binary_data": True} | ({"classification": classes} if classes else {})
    wanted = [{"name": "probabilities", "parameters": parameters}, {"name": "label"}]
    reply = infer({"inputs": [tensor(digits.tolist())], "outputs": wanted})
    assert int(reply.headers["Inference-Header-Content-Length"]) < len(reply.body)


@pytest.mark.parametrize(
    "broken",
    [
        b'{"model_name": "digits"}',
        b'{"model_name": "digits", "outputs": [{"name": "label", "datatype": "INT64", "shape": [1]}]}',
        b'{"model_name": "digits", "outputs": [{"name": "label", "datatype": "INT65", "shape": [1], "data": [1]}]}',
    ],
)
def test_the_check_of_responses_rejects_a_wrong_response(broken):
    with pytest.raises((jsonschema.ValidationError, KeyError)):
        check_response("POST", INFER, 200, {}, broken)


def test_a_draining_server_is_not_ready():
    services = Services(Config(models=STORE, numbers=NUMBERS))
    app = create_app(services)
    services.health.draining = True
    for path in ("/v2/health/ready", "/v2/models/digits/ready"):
        reply = app.test_client().get(path)
        assert (reply.status_code, reply.json) == (503, {"error": "the server is about to stop"})
