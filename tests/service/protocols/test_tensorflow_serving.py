"""TensorFlow Serving's REST API, through Flask and through the server."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

JSON = "application/json"
PREDICT, CLASSIFY = "/v1/models/digits:predict", "/v1/models/digits:classify"


@pytest.fixture
def ask(send):
    """ask(document, path) -> Reply."""
    return lambda document, path=PREDICT: send("POST", path, json.dumps(document).encode(), JSON)


@pytest.fixture(scope="module")
def digits(splits):
    return splits.test.digits[:3]


@pytest.fixture(scope="module")
def expected(model, digits):
    return model.predict(digits).probabilities


@pytest.mark.parametrize("target", ["", "/versions/1", "/labels/stable"])
def test_rows_and_columns_are_classified(ask, digits, expected, target):
    path = f"/v1/models/digits{target}:predict"
    for document, layout in (
        ({"instances": digits.tolist()}, "predictions"),
        ({"instances": [{"image": digit} for digit in digits.tolist()]}, "predictions"),
        ({"inputs": digits.tolist()}, "outputs"),
        ({"inputs": {"image": digits.tolist()}, "signature_name": "serving_default"}, "outputs"),
        ({"instances": digits.astype(float).tolist()}, "predictions"),
    ):
        reply = ask(document, path)
        assert reply.status == 200
        assert list(reply.json) == [layout]
        assert np.abs(np.array(reply.json[layout]) - expected).max() < 1e-6


def test_encoded_images_are_classified(ask, encode, digits, expected):
    files = [{"b64": base64.b64encode(encode(digit)).decode()} for digit in digits]
    for document, layout in (
        ({"instances": files}, "predictions"),
        ({"instances": [{"image": file} for file in files]}, "predictions"),
        ({"inputs": files}, "outputs"),
        ({"inputs": {"image": files}}, "outputs"),
    ):
        assert np.abs(np.array(ask(document).json[layout]) - expected).max() < 1e-6
    assert len(ask({"inputs": {"image": files[0]}}).json["outputs"]) == 1


def test_examples_are_classified_with_their_labels(ask, encode, digits, expected):
    file = {"b64": base64.b64encode(encode(digits[0])).decode()}
    for example in (digits[0].tolist(), digits[0].ravel().tolist(), file):
        (result,) = ask({"examples": [{"image": example}]}, CLASSIFY).json["results"]
        assert [label for label, _ in result] == list("0123456789")
        assert np.abs(np.array([probability for _, probability in result]) - expected[0]).max() < 1e-6


@pytest.mark.parametrize("target", ["", "/versions/1", "/labels/stable"])
def test_status_and_metadata_are_served(send, target):
    status = send("GET", f"/v1/models/digits{target}").json
    assert status == {
        "model_version_status": [
            {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        ]
    }
    metadata = send("GET", f"/v1/models/digits{target}/metadata").json
    assert metadata["model_spec"] == {"name": "digits", "signature_name": "", "version": "1"}
    signature = metadata["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["image"]["dtype"] == "DT_UINT8"
    assert [size["size"] for size in signature["outputs"]["probabilities"]["tensor_shape"]["dim"]] == ["-1", "10"]


@pytest.mark.parametrize(
    ("path", "document", "status", "complaint"),
    [
        (PREDICT, b"{", 400, "JSON Parse error"),
        (PREDICT, b"", 400, "JSON Parse error"),
        (PREDICT, {}, 400, "Missing 'inputs' or 'instances' key"),
        (PREDICT, {"instances": []}, 400, "at least one value"),
        (PREDICT, {"instances": 7}, 400, "at least one value"),
        (PREDICT, {"inputs": 7}, 400, "expected shape [-1,28,28], got [1]"),
        (PREDICT, {"instances": [[1, 2]]}, 400, "expected shape [-1,28,28], got [1, 2]"),
        (PREDICT, {"instances": [[1], [1, 2]]}, 400, "ragged"),
        (PREDICT, {"instances": [[[300] * 28] * 28]}, 400, "from 0 to 255"),
        (PREDICT, {"instances": [{"b64": "!"}]}, 400, "not valid base64"),
        (PREDICT, {"instances": [{"b64": "aGVsbG8="}]}, 400, "image 0: The bytes are no complete PNG"),
        (PREDICT, {"instances": [{"b64": "aGVsbG8="}, [[0] * 28] * 28]}, 400, "for all alike"),
        (PREDICT, {"instances": [{"pixels": 7}]}, 400, "for all alike"),
        (PREDICT, {"signature_name": "x", "instances": [1]}, 400, 'Serving signature key "x" not found.'),
        (PREDICT, {"instances": [[[0] * 28] * 28] * 257}, 413, "257 images; send at most 256"),
        (CLASSIFY, {}, 400, "Expecting 'examples' value to be a list"),
        (CLASSIFY, {"examples": [7]}, 400, "the feature 'image'"),
        ("/v1/models/letters:predict", {"instances": [[[0] * 28] * 28]}, 404, "Servable not found for request: Latest(letters)"),
        ("/v1/models/digits/versions/9:predict", {"instances": [[[0] * 28] * 28]}, 404, "Servable not found for request: Specific(digits, 9)"),
        ("/v1/models/digits/labels/x:predict", {"instances": [[[0] * 28] * 28]}, 404, "Unrecognized servable version label: x"),
        ("/v1/models/digits:regress", {"examples": []}, 404, "not found on the server"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused_as_tensorflow_serving_does(send, path, document, status, complaint):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    reply = send("POST", path, body, JSON)
    assert (reply.status, list(reply.json)) == (status, ["error"])
    assert complaint in reply.json["error"]


@pytest.mark.parametrize(
    "path", ["/v1/models/letters", "/v1/models/digits/versions/9", "/v1/models/digits/labels/canary"]
)
def test_another_model_version_or_label_is_not_found(send, path):
    assert send("GET", path).status == 404
    assert list(send("GET", f"{path}/metadata").json) == ["error"]


def test_numbers_are_read_as_text(post, send, numbers_picture):
    instance = {"b64": base64.b64encode(numbers_picture).decode()}
    path = "/v1/models/numbers:predict"
    assert post({"instances": [instance, {"image": instance}]}, path=path).json == {"predictions": ["71", "71"]}
    assert post({"inputs": [instance]}, path="/v1/models/numbers/labels/stable:predict").json == {"outputs": ["71"]}
    assert send("GET", "/v1/models/numbers").json["model_version_status"][0]["version"] == "1"
    metadata = send("GET", "/v1/models/numbers/metadata").json
    signature = metadata["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["outputs"]["number"]["dtype"] == "DT_STRING"


@pytest.mark.parametrize(
    ("path", "document", "status"),
    [
        ("/v1/models/numbers:predict", {"instances": [[[0] * 28] * 28]}, 400),
        ("/v1/models/numbers:predict", {"instances": []}, 400),
        ("/v1/models/numbers/versions/9:predict", {"instances": [{"b64": ""}]}, 404),
        ("/v1/models/numbers/labels/canary:predict", {"instances": [{"b64": ""}]}, 404),
        ("/v1/models/numbers:classify", {"examples": [{"image": [0] * 784}]}, 404),
    ],
)
def test_what_is_no_picture_of_numbers_is_refused(post, path, document, status):
    reply = post(document, path=path)
    assert (reply.status, list(reply.json)) == (status, ["error"])
