import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from model_training.export import litert
from model_training.training import architectures
from models.inference.runtime import Engine
from models.inference.standardization import Standardization

STANDARDIZATION = Standardization(33.0, 78.0)


@pytest.fixture(scope="module", params=["tiny", "mlp", "best"])
def network(request):
    keras.utils.set_random_seed(1)
    return architectures.build(request.param)


@pytest.fixture(scope="module")
def digits(splits):
    return splits.train.digits[:200]


def test_the_float32_file_gives_the_logits_of_keras(network, digits):
    engine = Engine(litert.convert(network, STANDARDIZATION))
    logits = keras.Model(network.inputs[0], network.get_layer("logits").output)
    assert np.allclose(engine.logits(digits), logits.predict(STANDARDIZATION(digits), verbose=0), atol=1e-4)
    assert engine.standardization() == pytest.approx((33.0, 78.0), rel=1e-6)


def test_the_int8_file_keeps_its_last_layer_and_its_standardization_in_float32(network, digits):
    float32, int8 = litert.convert(network, STANDARDIZATION), litert.convert_to_int8(network, STANDARDIZATION, digits)
    assert Engine(int8).standardization() == pytest.approx((33.0, 78.0), rel=1e-6)
    *features, last = (weights["dtype"] for weights in weights_of(int8))
    assert set(features) == {np.int8}
    assert last == np.float32
    scale = Engine(float32).logits(digits).std()
    assert np.abs(Engine(int8).logits(digits) - Engine(float32).logits(digits)).mean() < 0.05 * scale


def test_weights_are_quantized_by_channel(digits):
    keras.utils.set_random_seed(1)
    file = litert.convert_to_int8(architectures.build("tiny"), STANDARDIZATION, digits)
    convolution, _ = weights_of(file)
    assert len(convolution["quantization_parameters"]["scales"]) == 4


def test_the_same_digits_give_the_same_file(digits):
    keras.utils.set_random_seed(1)
    network = architectures.build("tiny")
    one, other = (litert.convert_to_int8(network, STANDARDIZATION, digits) for _ in range(2))
    assert np.array_equal(Engine(one).logits(digits), Engine(other).logits(digits))


def weights_of(file):
    """Describe the weights of every convolution and dense layer, in order."""
    interpreter = Interpreter(model_content=file)
    tensors = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    operators = interpreter._get_ops_details()
    return [
        tensors[operator["inputs"][1]]
        for operator in operators
        if operator["op_name"] in ("CONV_2D", "FULLY_CONNECTED")
    ]
