"""Whatever network is exported, its layers are found."""

import keras
import numpy as np
import pytest
from keras import layers

from model_training.export import artifact_files, layer_names
from models.inference.explanation import Explainer
from models.inference.runtime import Probe
from models.inference.standardization import Standardization

STANDARDIZATION = Standardization(33.0, 78.0)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A modern network, its normalization on other than the first statistics, exported; and its directory."""
    keras.utils.clear_session()  # layers are found by the names that a fresh Keras gives them
    network = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Conv2D(6, 5, strides=2, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.DepthwiseConv2D(3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.5),
            layers.Conv2D(8, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, name="logits"),
            layers.Softmax(name="probabilities"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy")
    digits = np.random.default_rng(1).integers(0, 256, (64, 28, 28), np.uint8)
    network.fit(STANDARDIZATION(digits), np.arange(64) % 10, epochs=2, verbose=0)
    directory = tmp_path_factory.mktemp("exported")
    artifact_files.write_onnx(directory / "network.onnx", network, STANDARDIZATION, 1.0)
    layer_names.describe(directory, "network.onnx")
    return network, directory, digits[0]


def test_every_layer_is_found_with_what_is_done_to_it(exported):
    _, directory, _ = exported
    standardized, found = layer_names.layers.read(directory)
    assert standardized
    assert [layer.kind for layer in found] == [
        "convolution", "convolution", "convolution", "pooling", "convolution", "pooling", "dense",
    ]  # fmt: skip
    assert [layer.source for layer in found] == [None, 0, 1, 2, 3, 4, 5]
    assert [layer.strides for layer in found[:4]] == [(1, 1), (2, 2), (1, 1), (2, 2)]
    assert [layer.pads for layer in found[:3]] == [(1, 1, 1, 1), (1, 1, 2, 2), (0, 0, 0, 0)]
    assert found[2].groups == 6


def test_the_values_are_those_that_keras_computes(exported):
    network, directory, digit = exported
    standardized, found = layer_names.layers.read(directory)
    probe = Probe(directory / "network.onnx", [standardized, *(layer.output for layer in found)], STANDARDIZATION, 1.0)
    values = probe.run(digit)
    names = ("activation", "batch_normalization_1", "depthwise_conv2d", "max_pooling2d", "conv2d_2")
    shown = keras.Model(network.inputs[0], [layer.output for layer in network.layers if layer.name.startswith(names)])
    for layer, expected in zip(found, shown(STANDARDIZATION(digit[None])), strict=False):
        assert np.allclose(values[layer.output][0], np.moveaxis(np.array(expected[0]), -1, 0), atol=1e-4)


def test_it_can_be_explained(exported):
    _, directory, digit = exported
    engine = Probe(directory / "network.onnx", ["logits"], STANDARDIZATION, 1.0)
    contract = type("Contract", (), {"standardization": STANDARDIZATION, "temperature": 1.0})
    explainer = Explainer(directory, contract)
    found = explainer.explain(digit, lambda digits: np.concatenate([engine.run(one)["logits"] for one in digits]))
    assert found.neuron_weights.shape == (8, 10)
    assert found.saliency.shape == (28, 28)
    assert [weights.shape for _, weights, _ in explainer.convolutions()] == [
        (4, 1, 3, 3), (6, 4, 5, 5), (6, 1, 3, 3), (8, 6, 3, 3),
    ]  # fmt: skip
