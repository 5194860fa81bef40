"""`?explain=1` and the weights of the layers, through Flask and through the server."""

import numpy as np
import pytest


@pytest.fixture
def explained(post, encode, splits):
    return post(encode(splits.test.digits[0]), path="/predict?explain=1").json


def test_an_explained_answer_is_the_same_and_has_every_layer(post, encode, splits, explained):
    plain = post(encode(splits.test.digits[0])).json
    assert explained.keys() - plain.keys() == {"explanation"}
    assert explained["digit"] == plain["digit"] == 7
    layers = explained["explanation"]["layers"]
    assert [layer["shape"] for layer in layers] == [[32, 24, 24], [32, 12, 12], [64, 8, 8], [64, 4, 4], [1024], [10]]
    assert np.argmax(layers[-1]["values"]) == 7
    assert np.shape(explained["explanation"]["saliency"]) == (28, 28)


def test_the_steps_lead_from_the_drawing_to_the_canonical_digit(post, encode):
    drawing = np.zeros((300, 400), np.uint8)
    drawing[40:200, 90:110] = 255
    answer = post(encode(drawing), path="/predict?explain=1&canonical=1").json
    steps = answer["explanation"]["steps"]
    assert [step["name"] for step in steps] == ["ink", "cropped", "mended", "centered"]
    assert steps[-1]["image"] == answer["canonical"]


def test_a_drawing_that_is_nothing_but_long_is_explained(post, encode):
    drawing = np.zeros((1, 1000), np.uint8)
    drawing[:, 400:600] = 255
    answer = post(encode(drawing), path="/predict?explain=1")
    assert (answer.status, len(answer.json["explanation"]["steps"])) == (200, 4)


def test_the_strongest_neurons_have_their_weights(explained):
    neurons = explained["explanation"]["neurons"]
    hidden = explained["explanation"]["layers"][-2]["values"]
    assert len(neurons) == 10
    for neuron in neurons:
        assert neuron["value"] == hidden[neuron["index"]]
        assert len(neuron["weights"]) == 10


def test_the_weights_of_a_layer_give_its_values(send, explained):
    first = send("GET", "/models/digits/weights/0").json
    window = np.array(explained["explanation"]["standardized"])[7:12, 9:14]
    total = (window * first["weights"][3][0]).sum() + first["bias"][3]
    assert explained["explanation"]["layers"][0]["values"][3][7][9] == pytest.approx(max(total, 0), abs=1e-2)


@pytest.mark.parametrize(("path", "missing"), [("letters/weights/0", "letters"), ("digits/weights/1", "Layer 1")])
def test_there_are_no_filters_of_an_unknown_model_or_of_another_kind_of_layer(send, path, missing):
    reply = send("GET", f"/models/{path}")
    assert reply.status == 404
    assert missing in reply.json["detail"]


def test_a_blank_image_has_no_explanation(post, encode, splits):
    blank = post(encode(splits.test.digits[0] * 0), path="/predict?explain=1").json
    assert blank["reason"] == "blank"
    assert blank["explanation"] is None


def test_a_batch_cannot_be_explained(post, form, encode, splits):
    image = encode(splits.test.digits[0])
    for body in (form(image, image), (splits.test.digits[0].tobytes(), "application/octet-stream")):
        reply = post(*body, path="/predict?explain=1")
        assert reply.status == 400
        assert reply.json["code"] == "bad_parameter"
