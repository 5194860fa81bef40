"""The Open Inference Protocol: by every way into the service, and by Triton's own caller.

open-inference.json is the protocol's OpenAPI description (Apache-2.0), as the PyPI package mlserver 1.7.1 carries it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from service import create_app
from service.config import Config
from tests.textbook import STORE

COMPONENTS = json.loads(Path(__file__).with_name("open-inference.json").read_bytes())["components"]
VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "bytes", lambda _, value: isinstance(value, bytes)
    ),
)
"""The description has a type of its own, bytes."""
INFER = "/v2/models/digits/infer"
JSON = "application/json"


def as_described(name, value):
    """Check a value against one of the protocol's schemas."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}
    VALIDATOR(schema).validate(value)


def tensor(data, datatype="UINT8", shape=None, **more):
    shape = list(np.shape(data)) if shape is None else shape
    return {"name": "image", "datatype": datatype, "shape": shape, "data": data} | more


@pytest.fixture
def infer(send):
    """infer(document, path) -> Reply."""
    return lambda document, path=INFER: send("POST", path, json.dumps(document).encode(), JSON)


@pytest.fixture(scope="module")
def digits(splits):
    return splits.test.digits[:5]


@pytest.fixture(scope="module")
def expected(model, digits):
    return model.predict(digits).probabilities


def outputs(reply):
    return {output["name"]: output for output in reply.json["outputs"]}


@pytest.mark.parametrize("path", [INFER, "/v2/models/digits/versions/1/infer"])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("datatype", ["UINT8", "FP32"])
def test_pixels_are_classified_whatever_their_type_and_layout(infer, digits, expected, path, flat, datatype):
    data = digits.astype(float) if datatype == "FP32" else digits
    reply = infer(
        {"id": "me", "inputs": [tensor((data.ravel() if flat else data).tolist(), datatype, [5, 28, 28])]}, path
    )
    assert reply.status == 200
    as_described("InferenceResponse", reply.json)
    assert reply.json["id"] == "me"
    assert (reply.json["model_name"], reply.json["model_version"]) == ("digits", "1")
    found = outputs(reply)
    assert found["probabilities"]["shape"] == [5, 10]
    assert np.abs(np.array(found["probabilities"]["data"]).reshape(5, 10) - expected).max() < 1e-6
    assert found["label"] == {"name": "label", "datatype": "INT64", "shape": [5], "data": [7, 2, 1, 0, 4]}


def test_only_the_outputs_that_are_asked_for_come(infer, digits):
    asked = {"inputs": [tensor(digits[:1].tolist())], "outputs": [{"name": "label"}]}
    assert list(outputs(infer(asked))) == ["label"]
    assert "id" not in infer(asked).json


def test_the_best_classes_come_as_triton_writes_them(infer, digits):
    wanted = [{"name": "probabilities", "parameters": {"classification": 2}}]
    found = outputs(infer({"inputs": [tensor(digits[:2].tolist())], "outputs": wanted}))["probabilities"]
    assert (found["datatype"], found["shape"]) == ("BYTES", [2, 2])
    assert re.fullmatch(r"(0\.99\d{4}|1\.000000):7:7", found["data"][0])


def test_a_blank_has_no_label(infer):
    reply = infer({"inputs": [tensor(np.zeros((1, 28, 28), int).tolist())]})
    assert outputs(reply)["label"]["data"] == [-1]
    assert outputs(reply)["probabilities"]["data"] == pytest.approx([0.1] * 10)


def test_many_digits_come_back_in_order(infer, splits):
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
def test_a_mistake_is_named_in_the_protocol_s_shape(send, document, status, complaint):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    reply = send("POST", INFER, body, JSON)
    assert reply.status == status
    as_described("InferenceErrorResponse", reply.json)
    assert complaint in reply.json["error"]
    assert reply.headers["Content-Type"] == JSON


@pytest.mark.parametrize(
    ("length", "complaint"),
    [("x", "must be a number"), ("9999", "is over the 2 bytes"), ("-1", "must be a number"), ("0", "JSON Parse error")],
)
def test_a_wrong_header_length_is_named(send, length, complaint):
    reply = send("POST", INFER, b"{}", JSON, {"Inference-Header-Content-Length": length})
    assert reply.status == 400
    assert complaint in reply.json["error"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [(b"\x01", "cut short"), (b"\x05\0\0\0abc", "cut short"), (b"\xff\xff\xff\xffabc", "cut short")],
)
def test_broken_binary_strings_are_named(send, data, complaint):
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


def test_what_is_served_is_described_as_the_protocol_says(send):
    as_described("MetadataServerResponse", send("GET", "/v2").json)
    for path in ("/v2/models/digits", "/v2/models/digits/versions/1"):
        as_described("MetadataModelResponse", send("GET", path).json)
    for path in (
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/digits/ready",
        "/v2/models/digits/versions/1/ready",
    ):
        assert send("GET", path).status == 200
    for path in ("/v2/models/x", "/v2/models/digits/versions/7", "/v2/models/digits/versions/7/ready", "/v2/nothing"):
        reply = send("GET", path)
        assert reply.status == 404
        as_described("MetadataModelErrorResponse", reply.json)


@pytest.fixture(scope="module")
def caller(url):
    with triton.InferenceServerClient(url.removeprefix("http://"), concurrency=4) as caller:
        yield caller


def given(array, datatype="UINT8", binary=True):
    image = triton.InferInput("image", list(array.shape), datatype)
    image.set_data_from_numpy(array, binary_data=binary)
    return [image]


def test_triton_s_client_finds_the_model(caller):
    assert caller.is_server_live()
    assert caller.is_server_ready()
    assert caller.is_model_ready("digits")
    assert caller.is_model_ready("digits", "1")
    assert not caller.is_model_ready("letters")
    assert caller.get_server_metadata()["name"] == "digits"
    assert caller.get_model_metadata("digits", "1")["inputs"][0]["shape"] == [-1, 28, 28]
    assert caller.get_model_config("digits")["output"][1] == {"name": "label", "data_type": "TYPE_INT64", "dims": [-1]}
    assert caller.get_model_repository_index() == [{"name": "digits", "version": "1", "state": "READY", "reason": ""}]
    for call in (caller.load_model, caller.unload_model):
        with pytest.raises(InferenceServerException, match="not allowed if polling is enabled"):
            call("digits")


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_triton_s_client_infers(caller, digits, expected, binary_in, binary_out):
    for array, datatype in ((digits, "UINT8"), (digits.astype(np.float32), "FP32")):
        wanted = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in ("label", "probabilities")]
        result = caller.infer("digits", given(array, datatype, binary_in), outputs=wanted, request_id="mine")
        assert result.get_response()["id"] == "mine"
        assert np.abs(result.as_numpy("probabilities") - expected).max() < 1e-6
        assert result.as_numpy("label").tolist() == [7, 2, 1, 0, 4]


def test_triton_s_client_gets_everything_in_binary_by_default(caller, digits, expected):
    result = caller.infer("digits", given(digits[:1]), model_version="1")
    assert result.as_numpy("label").tolist() == [7]
    assert result.as_numpy("probabilities").dtype == np.float32
    assert np.abs(result.as_numpy("probabilities") - expected[:1]).max() < 1e-6


def test_triton_s_client_sends_image_files(caller, encode, digits):
    files = np.array([encode(digit) for digit in digits[:3]], dtype=np.object_)
    assert caller.infer("digits", given(files, "BYTES")).as_numpy("label").tolist() == [7, 2, 1]
    with pytest.raises(InferenceServerException, match="image 1: The bytes are no complete PNG"):
        caller.infer("digits", given(np.array([encode(digits[0]), b"broken"], dtype=np.object_), "BYTES"))


def test_triton_s_client_gets_classes(caller, digits):
    wanted = [triton.InferRequestedOutput("probabilities", class_count=3)]
    classes = caller.infer("digits", given(digits[:2]), outputs=wanted).as_numpy("probabilities")
    assert classes.shape == (2, 3)
    assert classes[1, 0].endswith(b":2:2")


def test_triton_s_client_infers_in_the_background(caller, splits):
    asked = [caller.async_infer("digits", given(splits.test.digits[n : n + 1])) for n in range(20)]
    assert [request.get_result().as_numpy("label")[0] for request in asked] == splits.test.labels[:20].tolist()


def test_triton_s_client_is_told_what_is_wrong(caller, digits):
    with pytest.raises(InferenceServerException, match="Request for unknown model: 'letters' is not found") as raised:
        caller.infer("letters", given(digits))
    assert raised.value.status() == "404"
    with pytest.raises(InferenceServerException, match="unexpected shape"):
        caller.infer("digits", given(digits.reshape(5, 784)))


def test_triton_s_client_reads_the_statistics(caller, digits):
    def counts():
        (stats,) = caller.get_inference_statistics("digits")["model_stats"]
        return stats

    before = counts()
    caller.infer("digits", given(digits))
    with pytest.raises(InferenceServerException):
        caller.infer("letters", given(digits))
    after = counts()
    assert after["inference_count"] - before["inference_count"] == 10
    assert after["execution_count"] - before["execution_count"] == 2
    assert after["inference_stats"]["success"]["count"] - before["inference_stats"]["success"]["count"] == 1
    assert after["inference_stats"]["fail"]["count"] - before["inference_stats"]["fail"]["count"] == 1
    assert after["inference_stats"]["compute_infer"]["ns"] > before["inference_stats"]["compute_infer"]["ns"]
    assert after["last_inference"] >= before["last_inference"]
    assert caller.get_inference_statistics()["model_stats"][0]["name"] == "digits"


def test_a_draining_server_is_not_ready():
    app = create_app(Config(models=STORE))
    app.extensions["predictor"].draining = True
    for path in ("/v2/health/ready", "/v2/models/digits/ready"):
        reply = app.test_client().get(path)
        assert (reply.status_code, reply.json) == (503, {"error": "the server is about to stop"})
