"""Every call of Triton's own HTTP client that this service supports.

The JSON that the client exposes is checked against the protocol's description.
"""

from __future__ import annotations

import base64

import numpy as np
import pytest
import requests
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from tests.service.open_inference_schema import check, with_inline_tensors

NAMES = ("probabilities", "label")


@pytest.fixture(scope="module")
def triton_client(url):
    with triton.InferenceServerClient(url.removeprefix("http://"), concurrency=4) as triton_client:
        yield triton_client


def image_input(array, datatype="UINT8", binary=True):
    image = triton.InferInput("image", list(array.shape), datatype)
    image.set_data_from_numpy(array, binary_data=binary)
    return [image]


def outputs(binary):
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in NAMES]


def labels(result):
    """Check a response against the description and return its labels."""
    response = result.get_response()
    binary = b"".join(
        result.as_numpy(output["name"]).tobytes()
        for output in response["outputs"]
        if "binary_data_size" in output.get("parameters", {})
    )
    check("InferenceResponse", with_inline_tensors(response, binary))
    return result.as_numpy("label").tolist()


def test_the_server_is_live_and_ready_and_has_metadata(triton_client):
    assert triton_client.is_server_live()
    assert triton_client.is_server_ready()
    metadata = triton_client.get_server_metadata()
    check("MetadataServerResponse", metadata)
    assert metadata["name"] == "digits"
    assert {"binary_tensor_data", "classification", "model_repository", "statistics"} <= set(metadata["extensions"])


@pytest.mark.parametrize("version", ["", "1"])
def test_the_model_is_ready_and_described_with_and_without_its_version(triton_client, version):
    assert triton_client.is_model_ready("digits", version)
    metadata = triton_client.get_model_metadata("digits", version)
    check("MetadataModelResponse", metadata)
    assert [one["name"] for one in metadata["outputs"]] == list(NAMES)
    assert metadata["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert triton_client.get_model_config("digits", version)["output"][1] == {
        "name": "label",
        "data_type": "TYPE_INT64",
        "dims": [-1],
    }
    (statistics,) = triton_client.get_inference_statistics("digits", version)["model_stats"]
    assert (statistics["name"], statistics["version"]) == ("digits", "1")


@pytest.mark.parametrize(("name", "version"), [("letters", ""), ("digits", "7"), ("digits", "x")])
def test_another_model_or_version_is_not_found(triton_client, digits, name, version):
    assert not triton_client.is_model_ready(name, version)
    for call in (
        lambda: triton_client.get_model_metadata(name, version),
        lambda: triton_client.get_model_config(name, version),
        lambda: triton_client.get_inference_statistics(name, version),
        lambda: triton_client.infer(name, image_input(digits), model_version=version),
        lambda: triton_client.async_infer(name, image_input(digits), model_version=version).get_result(),
    ):
        with pytest.raises(InferenceServerException, match=f"Request for unknown model: '{name}'") as raised:
            call()
        assert raised.value.status() == "404"


def test_the_repository_can_be_listed_but_not_changed(triton_client):
    assert triton_client.get_model_repository_index() == [
        {"name": name, "version": "1", "state": "READY", "reason": ""} for name in ("digits", "numbers")
    ]
    for call in (
        lambda: triton_client.load_model("digits"),
        lambda: triton_client.load_model("digits", config='{"max_batch_size": 8}'),
        lambda: triton_client.unload_model("digits"),
        lambda: triton_client.unload_model("digits", unload_dependents=True),
    ):
        with pytest.raises(InferenceServerException, match="not allowed if polling is enabled") as raised:
            call()
        assert raised.value.status() == "503"
    assert triton_client.is_model_ready("digits")


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_digits_are_classified(triton_client, digits, expected, binary_in, binary_out):
    for array, datatype in ((digits, "UINT8"), (digits.astype(np.float32), "FP32")):
        result = triton_client.infer(
            "digits", image_input(array, datatype, binary_in), outputs=outputs(binary_out), request_id="mine"
        )
        assert result.get_response()["id"] == "mine"
        assert np.abs(result.as_numpy("probabilities") - expected).max() < 1e-6
        assert labels(result) == [7, 2, 1, 0, 4]


def test_outputs_are_binary_by_default(triton_client, digits, expected):
    result = triton_client.infer("digits", image_input(digits[:1]), model_version="1")
    assert labels(result) == [7]
    assert result.as_numpy("probabilities").dtype == np.float32
    assert np.abs(result.as_numpy("probabilities") - expected[:1]).max() < 1e-6


def test_image_files_are_classified(triton_client, encode, digits):
    files = np.array([encode(digit) for digit in digits[:3]], dtype=np.object_)
    assert triton_client.infer("digits", image_input(files, "BYTES")).as_numpy("label").tolist() == [7, 2, 1]
    with pytest.raises(InferenceServerException, match="image 1: The bytes are no complete PNG"):
        triton_client.infer("digits", image_input(np.array([encode(digits[0]), b"broken"], dtype=np.object_), "BYTES"))


@pytest.mark.parametrize("binary", [True, False])
def test_the_best_classes_can_be_requested(triton_client, digits, binary):
    wanted = [triton.InferRequestedOutput("probabilities", binary_data=binary, class_count=3)]
    classes = triton_client.infer("digits", image_input(digits[:2]), outputs=wanted).as_numpy("probabilities")
    assert classes.shape == (2, 3)
    best = classes[1, 0] if isinstance(classes[1, 0], bytes) else classes[1, 0].encode()
    assert best.endswith(b":2:2")


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_requests_and_responses_may_be_compressed(triton_client, digits, algorithm, binary):
    result = triton_client.infer(
        "digits", image_input(digits, binary=binary), outputs=outputs(binary),
        request_compression_algorithm=algorithm, response_compression_algorithm=algorithm,
    )  # fmt: skip
    assert labels(result) == [7, 2, 1, 0, 4]


def test_options_of_the_scheduler_are_accepted(triton_client, digits):
    result = triton_client.infer(
        "digits", image_input(digits), priority=1, timeout=5_000_000, parameters={"from": "a test"}, query_params={"a": "b"},
        headers={"X-Request-ID": "mine"}, sequence_id=3, sequence_start=True, sequence_end=True,
    )  # fmt: skip
    assert labels(result) == [7, 2, 1, 0, 4]


def test_a_body_that_the_client_wrote_can_be_sent_by_another_http_client(url, digits):
    body, length = triton.InferenceServerClient.generate_request_body(image_input(digits))
    headers = {"Inference-Header-Content-Length": str(length)}
    reply = requests.post(f"{url}/v2/models/digits/versions/1/infer", data=body, headers=headers, timeout=10)
    result = triton.InferenceServerClient.parse_response_body(
        reply.content, header_length=int(reply.headers["Inference-Header-Content-Length"])
    )
    assert labels(result) == [7, 2, 1, 0, 4]


def test_asynchronous_requests_are_answered(triton_client, splits):
    asked = [triton_client.async_infer("digits", image_input(splits.test.digits[n : n + 1])) for n in range(20)]
    assert [request.get_result().as_numpy("label")[0] for request in asked] == splits.test.labels[:20].tolist()


def test_errors_have_a_message_and_a_status(triton_client, digits):
    with pytest.raises(InferenceServerException, match="Request for unknown model: 'letters' is not found") as raised:
        triton_client.infer("letters", image_input(digits))
    assert raised.value.status() == "404"
    with pytest.raises(InferenceServerException, match="unexpected shape"):
        triton_client.infer("digits", image_input(digits.reshape(5, 784)))


def test_the_statistics_count_digits_calls_and_failures(triton_client, digits):
    def counts():
        (stats,) = triton_client.get_inference_statistics("digits")["model_stats"]
        return stats

    before = counts()
    triton_client.infer("digits", image_input(digits))
    with pytest.raises(InferenceServerException):
        triton_client.infer("letters", image_input(digits))
    after = counts()
    assert after["inference_count"] - before["inference_count"] == 5  # an unknown model is refused before inference
    assert after["execution_count"] - before["execution_count"] == 1
    assert after["inference_stats"]["success"]["count"] - before["inference_stats"]["success"]["count"] == 1
    assert after["inference_stats"]["fail"]["count"] - before["inference_stats"]["fail"]["count"] == 1
    assert after["inference_stats"]["compute_infer"]["ns"] > before["inference_stats"]["compute_infer"]["ns"]
    assert after["last_inference"] >= before["last_inference"]
    assert triton_client.get_inference_statistics()["model_stats"][0]["name"] == "digits"


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_numbers_are_read_as_text(triton_client, numbers_picture, binary_in, binary_out):
    picture = numbers_picture if binary_in else base64.b64encode(numbers_picture)  # JSON holds no bytes
    pictures = np.array([picture] * 2, np.object_)
    asked = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in ("number", "accepted")]
    result = triton_client.infer("numbers", image_input(pictures, "BYTES", binary_in), outputs=asked)
    texts = [text.decode() if isinstance(text, bytes) else text for text in result.as_numpy("number")]
    assert texts == ["71", "71"]
    accepted = result.as_numpy("accepted")
    assert (accepted.dtype, accepted.shape) == (np.bool_, (2,))


def test_numbers_are_described_and_their_work_is_counted_apart(triton_client, numbers_picture):
    assert triton_client.is_model_ready("numbers", "1")
    metadata = triton_client.get_model_metadata("numbers")
    check("MetadataModelResponse", metadata)
    assert metadata["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    assert [(one["name"], one["datatype"]) for one in metadata["outputs"]] == [
        ("number", "BYTES"),
        ("accepted", "BOOL"),
    ]

    def counts():
        names = ("digits", "numbers")
        stats = [triton_client.get_inference_statistics(name)["model_stats"][0] for name in names]
        return [(one["inference_stats"]["success"]["count"], one["inference_count"]) for one in stats]

    digits_before, (requests_before, read_before) = counts()
    triton_client.infer("numbers", image_input(np.array([numbers_picture], np.object_), "BYTES"))
    assert counts() == [digits_before, (requests_before + 1, read_before + 2)]


def test_pixels_are_no_numbers(triton_client, digits):
    with pytest.raises(InferenceServerException, match="has datatype UINT8; send BYTES"):
        triton_client.infer("numbers", image_input(digits))
