import pytest

from model_training.presets import PRESETS
from model_training.training import architectures


@pytest.mark.parametrize(("name", "parameters"), [("cnn", 1_111_946), ("mlp", 42_310)])
def test_the_textbook_networks_have_as_many_parameters_as_in_the_book(name, parameters):
    assert architectures.build(name).count_params() == parameters


def test_the_cnn_has_the_shapes_of_the_book_in_every_layer():
    shapes = [layer.output.shape[1:] for layer in architectures.build("cnn").layers]
    assert shapes == [
        (28, 28, 1), (24, 24, 32), (12, 12, 32), (8, 8, 64), (4, 4, 64), (1024,), (1024,), (1024,), (10,), (10,),
    ]  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_preset_names_a_network_that_ends_in_logits_and_softmax(preset):
    network = architectures.build(preset.architecture)
    assert [layer.name for layer in network.layers[-2:]] == ["logits", "probabilities"]
