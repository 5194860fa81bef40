import json
import shutil

import numpy as np
import pytest

from models.errors import ArtifactCorrupt, ArtifactIncompatible, ArtifactMissing
from models.registry import artifact
from models.registry.contract import ENGINE_FILES
from models.registry.store import ARTIFACTS, Store

REJECTION = {"score": "energy", "center": 6.0, "scale": 2.0, "min_digit_score": 0.5, "min_margin": 0.3}


@pytest.fixture
def copy(tmp_path):
    """The committed artifact, to be spoilt."""
    return shutil.copytree(Store(ARTIFACTS / "digits").resolve(1), tmp_path / "1")


def change(directory, **values):
    path = directory / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_probabilities_sum_to_one_and_the_committed_model_is_right(model, splits):
    predictions = model.predict(splits.test.digits[:2000])
    assert np.allclose(predictions.probabilities.sum(axis=1), 1, atol=1e-5)
    assert (predictions.probabilities.argmax(1) == splits.test.labels[:2000]).mean() > 0.98
    assert ((predictions.digit_score > 0) & (predictions.digit_score < 1)).all()


@pytest.mark.parametrize("values", [{"mean": 90.0}, {"std": 30.0}, {"temperature": 3.0}])
def test_what_model_json_says_governs_the_output(copy, model, splits, values):
    digits = splits.test.digits[:500]
    change(copy, **values)
    changed = artifact.load(copy).predict(digits).probabilities
    assert np.abs(changed - model.predict(digits).probabilities).max() > 1e-2


def test_mean_and_std_are_built_into_the_exported_graph_too(copy, splits):
    import onnxruntime

    session = onnxruntime.InferenceSession(copy / ENGINE_FILES["float32"])
    digits = splits.test.digits[:500]
    (alone,) = session.run(["probabilities"], {"digits": digits})
    assert np.abs(alone - artifact.load(copy).predict(digits).probabilities).max() < 1e-6
    (other,) = session.run(["probabilities"], {"digits": digits, "mean": np.array(90, np.float32)})
    assert np.abs(other - alone).max() > 1e-2


def test_the_int8_network_reads_nearly_as_well(copy, splits):
    digits, labels = splits.validation.digits, splits.validation.labels
    accuracy = {
        precision: (artifact.load(copy, precision).predict(digits).probabilities.argmax(1) == labels).mean()
        for precision in ("float32", "int8")
    }
    assert accuracy["int8"] >= accuracy["float32"] - 0.002


def test_a_precision_that_was_not_exported_is_refused(tmp_path, copy, model):
    float32 = (copy / "network.onnx").read_bytes()
    artifact.save(tmp_path / "2", model.contract, lambda staging: (staging / "network.onnx").write_bytes(float32))
    with pytest.raises(ArtifactMissing, match="has no int8 network"):
        artifact.load(tmp_path / "2", "int8")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"format": 1}, ArtifactIncompatible),
        ({"format": 3}, ArtifactIncompatible),
        ({"canonical_version": 0}, ArtifactIncompatible),
        ({"input": {"shape": [32, 32], "dtype": "uint8"}}, ArtifactIncompatible),
        ({"std": 0}, ArtifactCorrupt),
        ({"std": -1}, ArtifactCorrupt),
        ({"std": "wide"}, ArtifactCorrupt),
        ({"mean": None}, ArtifactCorrupt),
        ({"temperature": 0}, ArtifactCorrupt),
        ({"classes": [0, 1]}, ArtifactCorrupt),
        ({"rejection": {"center": 1}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"score": "luck"}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"scale": 0}}, ArtifactCorrupt),
        ({"rejection": REJECTION | {"center": "left"}}, ArtifactCorrupt),
        ({"files": {}}, ArtifactCorrupt),
        ({"files": {"network.onnx": "abc"}}, ArtifactCorrupt),
        ({"files": {"network.onnx": {"bytes": 1}}}, ArtifactCorrupt),
        ({"files": {"../1/network.onnx": {"bytes": 1, "sha256": ""}}}, ArtifactCorrupt),
        ({"surprise": 1}, ArtifactCorrupt),
    ],
)
def test_a_contract_that_must_not_be_served_is_refused(copy, values, error):
    change(copy, **values)
    with pytest.raises(error, match=str(copy)):
        artifact.load(copy)


@pytest.mark.parametrize(
    "key",
    ["mean", "std", "temperature", "rejection", "classes", "files", "input", "name", "canonical_version", "format"],
)
def test_a_missing_key_is_refused(copy, key):
    path = copy / "model.json"
    document = json.loads(path.read_text())
    del document[key]
    path.write_text(json.dumps(document))
    with pytest.raises((ArtifactCorrupt, ArtifactIncompatible), match=r"lacks|format None"):
        artifact.load(copy)


@pytest.mark.parametrize("name", ["network.onnx", "network.keras", "saved_model.pb"])
def test_a_tampered_truncated_or_absent_file_is_refused_by_name(copy, name):
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


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\0"])
def test_an_unparsable_contract_is_refused(copy, text):
    (copy / "model.json").write_text(text)
    with pytest.raises(ArtifactCorrupt):
        artifact.load(copy)


def test_an_absent_contract_says_what_to_do(tmp_path):
    with pytest.raises(ArtifactMissing, match="name a directory that training saved"):
        artifact.load(tmp_path)


def test_a_network_the_engine_cannot_read_is_refused(tmp_path, model):
    artifact.save(tmp_path / "1", model.contract, lambda staging: (staging / "network.onnx").write_bytes(b"not onnx"))
    with pytest.raises(ArtifactCorrupt, match="cannot read it"):
        artifact.load(tmp_path / "1")


def test_a_save_that_fails_leaves_nothing(tmp_path, model):
    def full(staging):
        (staging / "network.onnx").write_bytes(b"half")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        artifact.save(tmp_path / "1", model.contract, full)
    assert list(tmp_path.iterdir()) == []


def test_a_save_never_overwrites(tmp_path, model):
    with pytest.raises(FileExistsError):
        artifact.save(tmp_path, model.contract, lambda staging: None)
