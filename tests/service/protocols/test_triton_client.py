"""The Open Inference Protocol by Triton's own client, unchanged: all that it offers for what the service has.

What the client hands out of an answer's JSON is held against the protocol's description.
"""

from __future__ import annotations

import numpy as np
import pytest
import requests
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from tests.service.described import check, whole

NAMES = ("probabilities", "label")


@pytest.fixture(scope="module")
def caller(url):
    with triton.InferenceServerClient(url.removeprefix("http://"), concurrency=4) as caller:
        yield caller


def given(array, datatype="UINT8", binary=True):
    image = triton.InferInput("image", list(array.shape), datatype)
    image.set_data_from_numpy(array, binary_data=binary)
    return [image]


def outputs(binary):
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in NAMES]


def labels(result):
    """The labels of an answer that is as described."""
    response = result.get_response()
    binary = b"".join(
        result.as_numpy(output["name"]).tobytes()
        for output in response["outputs"]
        if "binary_data_size" in output.get("parameters", {})
    )
    check("InferenceResponse", whole(response, binary))
    return result.as_numpy("label").tolist()


def test_the_server_is_found(caller):
    assert caller.is_server_live()
    assert caller.is_server_ready()
    metadata = caller.get_server_metadata()
    check("MetadataServerResponse", metadata)
    assert metadata["name"] == "digits"
    assert {"binary_tensor_data", "classification", "model_repository", "statistics"} <= set(metadata["extensions"])


@pytest.mark.parametrize("version", ["", "1"])
def test_the_model_is_found_with_and_without_its_version(caller, version):
    assert caller.is_model_ready("digits", version)
    metadata = caller.get_model_metadata("digits", version)
    check("MetadataModelResponse", metadata)
    assert [one["name"] for one in metadata["outputs"]] == list(NAMES)
    assert metadata["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert caller.get_model_config("digits", version)["output"][1] == {
        "name": "label",
        "data_type": "TYPE_INT64",
        "dims": [-1],
    }
    (statistics,) = caller.get_inference_statistics("digits", version)["model_stats"]
    assert (statistics["name"], statistics["version"]) == ("digits", "1")


@pytest.mark.parametrize(("name", "version"), [("letters", ""), ("digits", "7"), ("digits", "x")])
def test_another_model_or_version_is_not_there(caller, digits, name, version):
    assert not caller.is_model_ready(name, version)
    for call in (
        lambda: caller.get_model_metadata(name, version),
        lambda: caller.get_model_config(name, version),
        lambda: caller.get_inference_statistics(name, version),
        lambda: caller.infer(name, given(digits), model_version=version),
        lambda: caller.async_infer(name, given(digits), model_version=version).get_result(),
    ):
        with pytest.raises(InferenceServerException, match=f"Request for unknown model: '{name}'") as raised:
            call()
        assert raised.value.status() == "404"


def test_the_repository_is_listed_and_not_to_be_changed(caller):
    assert caller.get_model_repository_index() == [{"name": "digits", "version": "1", "state": "READY", "reason": ""}]
    for call in (
        lambda: caller.load_model("digits"),
        lambda: caller.load_model("digits", config='{"max_batch_size": 8}'),
        lambda: caller.unload_model("digits"),
        lambda: caller.unload_model("digits", unload_dependents=True),
    ):
        with pytest.raises(InferenceServerException, match="not allowed if polling is enabled") as raised:
            call()
        assert raised.value.status() == "503"
    assert caller.is_model_ready("digits")


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_it_infers(caller, digits, expected, binary_in, binary_out):
    for array, datatype in ((digits, "UINT8"), (digits.astype(np.float32), "FP32")):
        result = caller.infer(
            "digits", given(array, datatype, binary_in), outputs=outputs(binary_out), request_id="mine"
        )
        assert result.get_response()["id"] == "mine"
        assert np.abs(result.as_numpy("probabilities") - expected).max() < 1e-6
        assert labels(result) == [7, 2, 1, 0, 4]


def test_it_gets_everything_in_binary_by_default(caller, digits, expected):
    result = caller.infer("digits", given(digits[:1]), model_version="1")
    assert labels(result) == [7]
    assert result.as_numpy("probabilities").dtype == np.float32
    assert np.abs(result.as_numpy("probabilities") - expected[:1]).max() < 1e-6


def test_it_sends_image_files(caller, encode, digits):
    files = np.array([encode(digit) for digit in digits[:3]], dtype=np.object_)
    assert caller.infer("digits", given(files, "BYTES")).as_numpy("label").tolist() == [7, 2, 1]
    with pytest.raises(InferenceServerException, match="image 1: The bytes are no complete PNG"):
        caller.infer("digits", given(np.array([encode(digits[0]), b"broken"], dtype=np.object_), "BYTES"))


@pytest.mark.parametrize("binary", [True, False])
def test_it_gets_classes(caller, digits, binary):
    wanted = [triton.InferRequestedOutput("probabilities", binary_data=binary, class_count=3)]
    classes = caller.infer("digits", given(digits[:2]), outputs=wanted).as_numpy("probabilities")
    assert classes.shape == (2, 3)
    best = classes[1, 0] if isinstance(classes[1, 0], bytes) else classes[1, 0].encode()
    assert best.endswith(b":2:2")


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_it_compresses_and_takes_what_is_compressed(caller, digits, algorithm, binary):
    result = caller.infer(
        "digits", given(digits, binary=binary), outputs=outputs(binary),
        request_compression_algorithm=algorithm, response_compression_algorithm=algorithm,
    )  # fmt: skip
    assert labels(result) == [7, 2, 1, 0, 4]


def test_what_a_scheduler_would_look_at_is_taken(caller, digits):
    result = caller.infer(
        "digits", given(digits), priority=1, timeout=5_000_000, parameters={"from": "a test"}, query_params={"a": "b"},
        headers={"X-Request-ID": "mine"}, sequence_id=3, sequence_start=True, sequence_end=True,
    )  # fmt: skip
    assert labels(result) == [7, 2, 1, 0, 4]


def test_another_s_transport_carries_what_it_writes_and_reads(url, digits):
    body, length = triton.InferenceServerClient.generate_request_body(given(digits))
    headers = {"Inference-Header-Content-Length": str(length)}
    reply = requests.post(f"{url}/v2/models/digits/versions/1/infer", data=body, headers=headers, timeout=10)
    result = triton.InferenceServerClient.parse_response_body(
        reply.content, header_length=int(reply.headers["Inference-Header-Content-Length"])
    )
    assert labels(result) == [7, 2, 1, 0, 4]


def test_it_infers_in_the_background(caller, splits):
    asked = [caller.async_infer("digits", given(splits.test.digits[n : n + 1])) for n in range(20)]
    assert [request.get_result().as_numpy("label")[0] for request in asked] == splits.test.labels[:20].tolist()


def test_it_is_told_what_is_wrong(caller, digits):
    with pytest.raises(InferenceServerException, match="Request for unknown model: 'letters' is not found") as raised:
        caller.infer("letters", given(digits))
    assert raised.value.status() == "404"
    with pytest.raises(InferenceServerException, match="unexpected shape"):
        caller.infer("digits", given(digits.reshape(5, 784)))


def test_it_reads_the_statistics(caller, digits):
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
