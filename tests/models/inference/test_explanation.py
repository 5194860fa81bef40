import json
import shutil

import numpy as np
import pytest

from models.errors import ArtifactCorrupt
from models.inference.explanation import saliency
from models.inference.layers import LAYERS_FILE
from models.registry import artifact
from models.registry.store import ARTIFACTS, Store


@pytest.fixture(scope="module")
def model():
    """The textbook CNN, whose layers are known here."""
    return artifact.load(Store(ARTIFACTS / "digits").resolve(1))


@pytest.fixture
def copy(tmp_path):
    """The committed artifact, to be spoilt."""
    return shutil.copytree(Store(ARTIFACTS / "digits").resolve(1), tmp_path / "1")


def test_the_layers_are_those_of_the_network_that_answers(model, splits):
    digit = splits.test.digits[0]
    found = model.explain(digit)
    kinds = [layer.kind for layer, _ in found.layers]
    assert kinds == ["convolution", "pooling", "convolution", "pooling", "dense", "dense"]
    assert [values.shape for _, values in found.layers] == [
        (32, 24, 24), (32, 12, 12), (64, 8, 8), (64, 4, 4), (1024,), (10,)
    ]  # fmt: skip
    assert found.layers[-1][1].argmax() == model.predict(digit[None]).probabilities.argmax()
    assert np.allclose(found.standardized, model.contract.standardization(digit), atol=1e-5)


def test_a_cell_is_the_sum_that_its_weights_say(model, splits):
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


def test_saliency_is_where_the_ink_is_that_the_answer_hangs_on():
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


def test_int8_is_explained_by_the_exact_network(copy, model, splits):
    digit = splits.test.digits[0]
    exact, coarse = model.explain(digit), artifact.load(copy, "int8").explain(digit)
    assert np.array_equal(exact.layers[0][1], coarse.layers[0][1])


def test_an_artifact_without_layers_still_answers_but_cannot_explain(copy, splits):
    change_files(copy, lambda files: files.pop(LAYERS_FILE))
    (copy / LAYERS_FILE).unlink()
    model = artifact.load(copy)
    assert model.predict(splits.test.digits[:1]).probabilities.argmax() == 7
    assert model.explain(splits.test.digits[0]) is model.convolutions() is None


def test_a_network_that_is_gone_cannot_be_looked_into(copy, splits):
    model = artifact.load(copy)
    shutil.rmtree(copy)
    assert model.explain(splits.test.digits[0]) is None


def test_layers_that_do_not_parse_are_refused(copy):
    text = '{"layers": [{}]}'
    (copy / LAYERS_FILE).write_text(text)
    digest = "c9fa1f5c29d7a0dc6ec8b3a2d5e3c0f3"
    change_files(copy, lambda files: files.update({LAYERS_FILE: {"bytes": len(text), "sha256": digest}}))
    with pytest.raises(ArtifactCorrupt, match="altered"):
        artifact.load(copy)
    change_files(copy, lambda files: files.pop(LAYERS_FILE))
    with pytest.raises(ArtifactCorrupt, match="does not describe layers"):
        artifact.load(copy)


def change_files(directory, change):
    path = directory / "model.json"
    document = json.loads(path.read_text())
    change(document["files"])
    path.write_text(json.dumps(document))
