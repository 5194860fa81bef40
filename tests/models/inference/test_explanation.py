import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from models.errors import ArtifactCorrupt
from models.inference.explanation import saliency
from models.inference.layers import LAYERS_FILE
from models.registry import artifact
from models.registry.store import ARTIFACTS, Store


@pytest.fixture(scope="module")
def model():
    """The textbook CNN, whose layers these tests know."""
    return artifact.load(Store(ARTIFACTS / "digits").resolve(1))


@pytest.fixture
def copy(tmp_path):
    """A copy of the committed artifact, to be changed."""
    return shutil.copytree(Store(ARTIFACTS / "digits").resolve(1), tmp_path / "1")


def test_the_layers_shown_are_those_of_the_network_that_answers(model, splits):
    digit = splits.test.digits[0]
    found = model.explain(digit)
    kinds = [layer.kind for layer, _ in found.layers]
    assert kinds == ["convolution", "pooling", "convolution", "pooling", "dense", "dense"]
    assert [values.shape for _, values in found.layers] == [
        (32, 24, 24), (32, 12, 12), (64, 8, 8), (64, 4, 4), (1024,), (10,)
    ]  # fmt: skip
    assert found.layers[-1][1].argmax() == model.predict(digit[None]).probabilities.argmax()
    assert np.allclose(found.standardized, model.contract.standardization(digit), atol=1e-5)


def test_a_cell_is_the_weighted_sum_of_its_window(model, splits):
    found = model.explain(splits.test.digits[0])
    (first, filters, bias), (second, deeper, deeper_bias) = model.convolutions()
    window = found.standardized[7:12, 9:14]
    assert np.isclose(max((window * filters[3, 0]).sum() + bias[3], 0), found.layers[first][1][3, 7, 9], atol=1e-4)
    maps = found.layers[found.layers[second][0].source][1]
    total = (maps[:, 2:7, 1:6] * deeper[5]).sum() + deeper_bias[5]
    assert np.isclose(max(total, 0), found.layers[second][1][5, 2, 1], atol=1e-3)


def test_the_neurons_and_their_weights_add_up_to_the_answer(model, splits):
    found = model.explain(splits.test.digits[0])
    logits = found.neurons @ found.neuron_weights
    assert np.allclose(logits - logits[0], found.layers[-1][1] - found.layers[-1][1][0], atol=0.2)  # but for the bias


def test_saliency_marks_the_ink_that_the_answer_depends_on():
    weights = np.zeros((10, 28, 28))
    weights[3, 4:8, 4:8] = 1

    def classify(digits):
        return (weights[None] * digits[:, None]).sum(axis=(2, 3))

    digit = np.zeros((28, 28), np.uint8)
    digit[4:8, 4:8] = digit[20:24, 20:24] = 200
    found = saliency(digit, classify)
    assert found[4:8, 4:8].min() > 0
    assert not found[digit == 0].any()
    assert not found[20:24, 20:24].any()


def test_the_float32_network_explains_the_answers_of_the_int8_one(copy, model, splits):
    digit = splits.test.digits[0]
    float32, int8 = model.explain(digit), artifact.load(copy, "int8").explain(digit)
    assert np.array_equal(float32.layers[0][1], int8.layers[0][1])


def test_an_artifact_without_layers_answers_but_cannot_explain(copy, splits):
    change_files(copy, lambda files: files.pop(LAYERS_FILE))
    (copy / LAYERS_FILE).unlink()
    model = artifact.load(copy)
    assert model.predict(splits.test.digits[:1]).probabilities.argmax() == 7
    assert model.explain(splits.test.digits[0]) is model.convolutions() is None


def test_a_model_whose_files_are_deleted_still_explains(copy, splits):
    model = artifact.load(copy)
    shutil.rmtree(copy)
    assert model.explain(splits.test.digits[0]).layers
    assert len(model.convolutions()) == 2


def test_several_threads_get_the_same_explanations(model, splits):
    digits = splits.test.digits[:8]
    expected = [model.explain(digit).layers[0][1] for digit in digits]
    with ThreadPoolExecutor(4) as pool:
        found = [explanation.layers[0][1] for explanation in pool.map(model.explain, digits)]
    assert np.array_equal(found, expected)


def test_layers_that_do_not_parse_are_refused(copy):
    text = b'{"layers": [{}]}'
    (copy / LAYERS_FILE).write_bytes(text)
    entry = {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    with pytest.raises(ArtifactCorrupt, match="bytes where"):
        artifact.load(copy)
    change_files(copy, lambda files: files.update({LAYERS_FILE: entry}))
    with pytest.raises(ArtifactCorrupt, match=r"layers\.json: not what was saved"):
        artifact.load(copy)


def change_files(directory, change):
    path = directory / "model.json"
    document = json.loads(path.read_text())
    change(document["files"])
    path.write_text(json.dumps(document))
