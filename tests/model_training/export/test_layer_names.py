"""The layers of any exported network are found."""

import keras
import numpy as np
import pytest
from keras import layers

from model_training.export import layer_names, litert
from model_training.export.layer_names import LayerFinder
from models.inference.explanation import Explainer
from models.inference.layers import LAYERS_FILE, parse
from models.inference.runtime import Engine
from models.inference.standardization import Standardization

STANDARDIZATION = Standardization(33.0, 78.0)


@pytest.fixture(scope="module")
def exported():
    """A modern network after a training step, so that its normalization does something; its export; and a digit."""
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
    return network, litert.convert(network, STANDARDIZATION), digits[0]


def test_every_layer_is_found_with_its_activation(exported):
    found = LayerFinder(exported[1]).layers().layers
    assert [layer.kind for layer in found] == [
        "convolution", "convolution", "convolution", "pooling", "convolution", "pooling", "dense",
    ]  # fmt: skip
    assert [layer.source for layer in found] == [None, 0, 1, 2, 3, 4, 5]
    assert [layer.strides for layer in found[:4]] == [(1, 1), (2, 2), (1, 1), (2, 2)]
    assert [layer.pads for layer in found[:3]] == [(1, 1, 1, 1), (1, 1, 2, 2), (0, 0, 0, 0)]
    assert [layer.operators for layer in found] == [
        ("Conv", "Relu"), ("Conv", "Relu", "Mul", "Add"), ("DepthwiseConv", "Relu"), ("MaxPool",), ("Conv", "Relu"),
        ("GlobalAveragePool",), ("Gemm",),
    ]  # fmt: skip
    assert found[2].groups == 6


def test_layers_are_read_as_they_were_written(exported, tmp_path):
    _, network, _ = exported
    layer_names.describe(tmp_path, network)
    assert parse((tmp_path / LAYERS_FILE).read_bytes()) == LayerFinder(network).layers()


def test_the_values_are_those_that_keras_computes(exported):
    network, file, digit = exported
    found = explained(file, digit)
    names = ("activation", "batch_normalization_1", "depthwise_conv2d", "max_pooling2d", "conv2d_2")
    shown = keras.Model(network.inputs[0], [layer.output for layer in network.layers if layer.name.startswith(names)])
    standardized = STANDARDIZATION(digit[None])
    assert np.allclose(found.standardized, standardized[0], atol=1e-5)
    for (_, values), expected in zip(found.layers, shown(standardized), strict=False):
        assert np.allclose(values, np.moveaxis(np.array(expected[0]), -1, 0), atol=1e-4)


def test_the_neurons_and_their_weights_are_those_of_the_last_layer(exported):
    network, file, digit = exported
    found = explained(file, digit)
    kernel, bias = network.get_layer("logits").get_weights()
    assert np.allclose(found.neuron_weights, kernel)
    assert np.allclose(found.neurons @ found.neuron_weights + bias, Engine(file).logits(digit[None])[0], atol=1e-4)
    assert found.saliency.shape == (28, 28)


def test_the_filters_are_those_of_keras(exported):
    network, file, _ = exported
    convolutions = Explainer(file, LayerFinder(file).layers()).convolutions()
    assert [(one.layer, one.weights.shape, one.bias.shape) for one in convolutions] == [
        (0, (4, 1, 3, 3), (4,)), (1, (6, 4, 5, 5), (6,)), (2, (6, 1, 3, 3), (6,)), (4, (8, 6, 3, 3), (8,)),
    ]  # fmt: skip
    assert np.allclose(convolutions[1].weights, network.get_layer("conv2d_1").kernel.numpy().transpose(3, 2, 0, 1))
    assert np.allclose(convolutions[2].weights[:, 0], depthwise(network)[..., 0].transpose(2, 0, 1))


def depthwise(network):
    return network.get_layer("depthwise_conv2d").kernel.numpy()


def explained(file, digit):
    return Explainer(file, LayerFinder(file).layers()).explain(digit, Engine(file).logits)
