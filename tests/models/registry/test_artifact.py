import hashlib
import json
import os
import shutil

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from models.errors import ArtifactCorrupt, ArtifactIncompatible, ArtifactMissing
from models.inference.layers import LAYERS_FILE
from models.registry import artifact, contract
from models.registry.artifact import ArtifactFiles
from models.registry.contract import ENGINE_FILES
from models.registry.reference import REFERENCE_FILE, TOLERANCE, Reference
from models.registry.store import ARTIFACTS, Store

REJECTION = {"score": "energy", "center": 6.0, "scale": 2.0, "min_digit_score": 0.5, "min_margin": 0.3}


@pytest.fixture(scope="module")
def model():
    """The committed artifact in float32."""
    return artifact.load(Store(ARTIFACTS / "digits").resolve(1))


@pytest.fixture
def copy(tmp_path):
    """A copy of the committed artifact, to be changed."""
    return shutil.copytree(Store(ARTIFACTS / "digits").resolve(1), tmp_path / "1")


def change(directory, **values):
    path = directory / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_probabilities_sum_to_one_and_the_committed_model_is_right(model, splits):
    predictions = model.predict(splits.test.digits[:2000])
    assert np.allclose(predictions.probabilities.sum(axis=1), 1, atol=1e-5)
    assert (predictions.probabilities.argmax(1) == splits.test.labels[:2000]).mean() > 0.98
    assert ((predictions.digit_score > 0) & (predictions.digit_score < 1)).all()


def test_the_temperature_of_model_json_governs_the_output(copy, model, splits):
    digits = splits.test.digits[:500]
    change(copy, temperature=3.0)
    changed = artifact.load(copy).predict(digits).probabilities
    assert np.abs(changed - model.predict(digits).probabilities).max() > 1e-2


@pytest.mark.parametrize("precision", ENGINE_FILES)
@pytest.mark.parametrize("values", [{"mean": 90.0}, {"mean": 33.31}, {"std": 30.0}])
def test_a_mean_or_std_unlike_that_of_the_network_is_refused(copy, values, precision):
    change(copy, **values)
    with pytest.raises(ArtifactCorrupt, match=r"its network has 33\.3"):
        artifact.load(copy, precision)


def test_the_network_alone_standardizes_as_model_json_says(copy, model, splits):
    interpreter = Interpreter(str(copy / ENGINE_FILES["float32"]))
    classify = interpreter.get_signature_runner()
    logits = np.concatenate([classify(digits=digit[None])["logits"] for digit in splits.test.digits[:50]])
    assert np.allclose(logits, model.logits(splits.test.digits[:50]), atol=1e-4)


def test_the_int8_network_reads_nearly_as_well(copy, splits):
    digits, labels = splits.validation.digits, splits.validation.labels
    accuracy = {
        precision: (artifact.load(copy, precision).predict(digits).probabilities.argmax(1) == labels).mean()
        for precision in ("float32", "int8")
    }
    assert accuracy["int8"] >= accuracy["float32"] - 0.002


def save(directory, contract, network, name="network.tflite"):
    artifact.save(directory, contract, lambda staging: (staging / name).write_bytes(network))
    return directory


def test_a_precision_that_was_not_exported_is_refused(tmp_path, copy, model):
    saved = save(tmp_path / "2", model.contract, (copy / "network.tflite").read_bytes())
    with pytest.raises(ArtifactMissing, match="has no int8 network"):
        artifact.load(saved, "int8")


def test_a_model_can_be_built_when_its_files_are_gone(copy, model, splits):
    files = ArtifactFiles.read(copy, "int8")
    shutil.rmtree(copy)
    built = files.load()
    assert (built.version, built.contract) == (1, model.contract)
    assert built.classify(splits.test.digits[:1])[0].digit == 7
    assert built.explain(splits.test.digits[0]) is not None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"format": 1}, ArtifactIncompatible),
        ({"format": 2}, ArtifactIncompatible),
        ({"canonical_version": 0}, ArtifactIncompatible),
        ({"input": {"shape": [32, 32], "dtype": "uint8"}}, ArtifactIncompatible),
        ({"std": 0}, ArtifactCorrupt),
        ({"std": -1}, ArtifactCorrupt),
        ({"std": "wide"}, ArtifactCorrupt),
        ({"mean": None}, ArtifactCorrupt),
        ({"mean": float("nan")}, ArtifactCorrupt),
        ({"std": float("inf")}, ArtifactCorrupt),
        ({"temperature": 0}, ArtifactCorrupt),
        ({"temperature": float("nan")}, ArtifactCorrupt),
        ({"temperature": float("inf")}, ArtifactCorrupt),
        ({"temperature": 10**400}, ArtifactCorrupt),
        ({"temperature": 1e308}, ArtifactCorrupt),
        ({"temperature": 1e-308}, ArtifactCorrupt),
        ({"temperature": "1"}, ArtifactCorrupt),
        ({"temperature": True}, ArtifactCorrupt),
        ({"std": 1e-300}, ArtifactCorrupt),
        ({"std": 1e300}, ArtifactCorrupt),
        ({"mean": -1}, ArtifactCorrupt),
        ({"classes": [0, 1]}, ArtifactCorrupt),
        ({"rejection": {"center": 1}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"score": "luck"}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"scale": 0}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"scale": float("inf")}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"center": float("nan")}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"min_digit_score": float("nan")}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"min_margin": float("inf")}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"score": "background"}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"score": ["energy"]}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"scale": 1e-300}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"center": -1e308}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"min_digit_score": -1}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"min_margin": 1.1}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"min_margin": 1}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"center": "left"}}, ArtifactCorrupt),
        ({"files": {}}, ArtifactCorrupt),
        ({"files": {"network.tflite": "abc"}}, ArtifactCorrupt),
        ({"files": {"network.tflite": {"bytes": 1}}}, ArtifactCorrupt),
        ({"files": {"network.tflite": {"bytes": "1", "sha256": ""}}}, ArtifactCorrupt),
        ({"files": {"network.tflite": {"bytes": (1 << 30) + 1, "sha256": ""}}}, ArtifactCorrupt),
        ({"files": {"../1/network.tflite": {"bytes": 1, "sha256": ""}}}, ArtifactCorrupt),
        (
            {"files": {"network.tflite": {"bytes": 1, "sha256": ""}, "../1/model.json": {"bytes": 1, "sha256": ""}}},
            ArtifactCorrupt,
        ),
        ({"name": None}, ArtifactCorrupt),
        ({"runtime": 2.3}, ArtifactCorrupt),
        ({"surprise": 1}, ArtifactCorrupt),
    ],
)
def test_a_contract_that_must_not_be_served_is_refused(copy, values, error):
    change(copy, **values)
    with pytest.raises(error, match=str(copy)):
        artifact.load(copy)


@pytest.mark.parametrize(
    "key",
    [
        "mean",
        "std",
        "temperature",
        "rejection",
        "classes",
        "files",
        "input",
        "name",
        "canonical_version",
        "format",
        "runtime",
    ],
)
def test_a_missing_key_is_refused(copy, key):
    path = copy / "model.json"
    document = json.loads(path.read_text())
    del document[key]
    path.write_text(json.dumps(document))
    with pytest.raises((ArtifactCorrupt, ArtifactIncompatible), match=r"lacks|format None"):
        artifact.load(copy)


@pytest.mark.parametrize("name", ["network.tflite", "network.int8.tflite", "network.keras", "saved_model.pb"])
def test_an_altered_truncated_or_absent_file_is_refused_by_name(copy, name):
    path = copy / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ArtifactCorrupt, match=f"{name}: altered"):
        artifact.load(copy)
    path.write_bytes(whole[:100])
    with pytest.raises(ArtifactCorrupt, match=f"{name}: 100 bytes where"):
        artifact.load(copy)
    path.unlink()
    with pytest.raises(ArtifactCorrupt, match=f"{name}: absent"):
        artifact.load(copy)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\0", "[" * 100_000])
def test_an_unparsable_contract_is_refused(copy, text):
    (copy / "model.json").write_text(text)
    with pytest.raises(ArtifactCorrupt):
        artifact.load(copy)


def test_a_contract_too_large_for_memory_is_refused(copy):
    os.truncate(copy / "model.json", 1 << 40)  # a file of holes
    with pytest.raises(ArtifactCorrupt, match="over 1,048,576 bytes"):
        artifact.load(copy)


def test_a_pipe_in_place_of_the_contract_is_refused(copy):
    (copy / "model.json").unlink()
    os.mkfifo(copy / "model.json")
    with pytest.raises(ArtifactCorrupt, match="not a file"):
        artifact.load(copy)


def test_an_absent_contract_says_what_to_do(tmp_path):
    with pytest.raises(ArtifactMissing, match="name a directory that training saved"):
        artifact.load(tmp_path)


def test_a_file_that_cannot_be_read_is_refused(copy, monkeypatch):
    def fail(content):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(contract, "_sha256", fail)
    with pytest.raises(ArtifactCorrupt, match="cannot be read"):
        artifact.load(copy)


@pytest.mark.parametrize("network", [b"", b"not a network", b"\x1c\x00\x00\x00TFL3" + bytes(200)])
def test_a_network_that_the_engine_cannot_run_is_refused(tmp_path, model, network):
    with pytest.raises(ArtifactCorrupt, match="cannot run its network"):
        artifact.load(save(tmp_path / "1", model.contract, network))


def test_a_network_that_computes_no_finite_numbers_is_refused(tmp_path, copy, model):
    network = bytearray((copy / "network.tflite").read_bytes())
    bias = artifact.load(copy).convolutions()[0].bias.tobytes()
    place = network.index(bias)
    network[place : place + len(bias)] = np.full(32, np.inf, np.float32).tobytes()
    with pytest.raises(ArtifactCorrupt, match="not finite"):
        artifact.load(save(tmp_path / "2", model.contract, bytes(network)))


def resave(directory, name, content):
    """Change a file of an artifact, and its hash in `model.json`."""
    (directory / name).write_bytes(content)
    files = json.loads((directory / "model.json").read_bytes())["files"]
    change(directory, files=files | {name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}})


@pytest.mark.parametrize("version", [1, 3])
@pytest.mark.parametrize("precision", ENGINE_FILES)
def test_a_committed_version_has_a_reference_digit_of_each_kind_and_reads_it_closely(version, precision):
    directory = Store(ARTIFACTS / "digits").resolve(version)
    reference = Reference.parse((directory / REFERENCE_FILE).read_bytes())
    assert reference.reads(list(range(10)))
    difference = np.abs(artifact.load(directory, precision).logits(reference.digits) - reference.logits).max()
    assert difference < TOLERANCE * np.ptp(reference.logits) / 10


@pytest.mark.parametrize("precision", ENGINE_FILES)
def test_a_network_that_reads_other_than_when_it_was_saved_is_refused(copy, precision):
    name = ENGINE_FILES[precision]
    network = (copy / name).read_bytes()
    tensors = Interpreter(model_content=network)
    (tensor,) = [each for each in tensors.get_tensor_details() if each["shape"].tolist() == [10]]
    bias = tensors.get_tensor(tensor["index"])
    assert network.count(bias.tobytes()) == 1
    resave(copy, name, network.replace(bias.tobytes(), (bias + np.float32(100) * (np.arange(10) == 4)).tobytes()))
    with pytest.raises(ArtifactCorrupt, match=r"does not read the digits of reference\.json as when it was saved"):
        artifact.load(copy, precision)
    with pytest.raises(ArtifactCorrupt, match=r"does not read the digits of reference\.json as when it was saved"):
        artifact.check(copy)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"[" * 100_000, b'{"digits": "", "logits": []}', b'{"digits": "AAAA", "logits": [[0]]}',
        b'{"digits": 1, "logits": [[0]]}', b'{"digits": "", "logits": [["a"]]}',
    ],
)  # fmt: skip
def test_reference_digits_that_do_not_parse_are_refused(copy, content):
    resave(copy, REFERENCE_FILE, content)
    with pytest.raises(ArtifactCorrupt, match=r"reference\.json: not what was saved"):
        artifact.load(copy)


def test_reference_logits_that_are_not_finite_are_refused(copy):
    document = json.loads((copy / REFERENCE_FILE).read_bytes())
    document["logits"][3][3] = float("nan")
    resave(copy, REFERENCE_FILE, json.dumps(document).encode())
    with pytest.raises(ArtifactCorrupt, match="a logit is not finite"):
        artifact.load(copy)


def test_an_artifact_saved_before_there_were_reference_digits_is_served(copy):
    files = json.loads((copy / "model.json").read_bytes())["files"]
    del files[REFERENCE_FILE]
    change(copy, files=files)
    assert artifact.load(copy).version == 1


def test_layers_that_cannot_be_shown_are_refused(copy):
    document = json.loads((copy / LAYERS_FILE).read_bytes())
    document["layers"][0]["output"] = 10_000
    resave(copy, LAYERS_FILE, json.dumps(document).encode())
    with pytest.raises(ArtifactCorrupt, match="cannot run its network"):
        artifact.load(copy, "int8")


def test_reference_digits_are_those_that_the_network_reads_most_surely(splits, model):
    candidates = splits.validation.first(500)
    logits = model.logits(candidates.digits)
    logits[candidates.labels == 3] = 0  # as if it could not read a 3
    reference = Reference.choose(candidates.digits, candidates.labels, logits)
    assert reference.reads([0, 1, 2, 4, 5, 6, 7, 8, 9])
    assert Reference.choose(candidates.digits, candidates.labels, np.zeros_like(logits)) is None


def test_the_contract_names_the_runtime_that_its_files_were_held_against(copy):
    assert json.loads((copy / "model.json").read_text())["runtime"].startswith("ai-edge-litert 2.")


def test_a_save_that_fails_leaves_nothing(tmp_path, model):
    def full(staging):
        (staging / "network.tflite").write_bytes(b"half")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        artifact.save(tmp_path / "1", model.contract, full)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_save_never_overwrites(tmp_path, model):
    (tmp_path / "1").mkdir()
    with pytest.raises(FileExistsError):
        artifact.save(tmp_path / "1", model.contract, lambda staging: None)
