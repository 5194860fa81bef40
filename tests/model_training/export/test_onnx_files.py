import subprocess
import sys

import keras
import numpy as np
import onnx
import pytest

from model_training.export import onnx_files
from model_training.export.artifact_files import keras_probabilities
from models.registry import contract
from models.registry.store import ARTIFACTS, Store

PROGRAM = """
import sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
assert [value.name for value in session.get_inputs()] == ["digits"]
numpy.save(sys.argv[3], session.run(["probabilities"], {"digits": numpy.load(sys.argv[2])})[0])
"""


@pytest.fixture(scope="module", params=[1, 3])
def exported(request, tmp_path_factory):
    artifact = Store(ARTIFACTS / "digits").resolve(request.param)
    path = tmp_path_factory.mktemp("onnx") / "network.onnx"
    onnx_files.write(path, keras.saving.load_model(artifact / "network.keras"))
    return path, artifact / "network.keras"


def run(path, digits, folder):
    """Classify with ONNX Runtime; return its probabilities, and what it writes to stderr."""
    np.save(folder / "digits.npy", digits)
    files = [str(path), str(folder / "digits.npy"), str(folder / "out.npy")]
    result = subprocess.run([sys.executable, "-c", PROGRAM, *files], capture_output=True, text=True, check=True)
    return np.load(folder / "out.npy"), result.stderr


def test_onnx_runtime_agrees_with_keras_and_has_no_warnings(exported, splits, tmp_path):
    path, network = exported
    digits = splits.test.digits[:200]
    probabilities, warnings = run(path, digits, tmp_path)
    assert np.abs(probabilities - keras_probabilities(network, digits)).max() < 1e-5
    assert warnings == ""


def test_the_int8_file_reads_nearly_as_well(exported, splits, tmp_path):
    path, _ = exported
    onnx_files.quantize(path, tmp_path / "int8.onnx", splits.train.digits)
    digits, labels = splits.validation.digits[:2000], splits.validation.labels[:2000]
    float32, int8 = (run(file, digits, tmp_path) for file in (path, tmp_path / "int8.onnx"))
    right = [(probabilities.argmax(axis=1) == labels).mean() for probabilities, _ in (float32, int8)]
    assert right[1] >= right[0] - 0.005
    assert int8[1] == "", "no warning"


def test_what_model_json_says_is_built_in_as_constants_that_no_caller_can_change(exported):
    path, network = exported
    promised = contract.verify(network.parent)
    mean, std = promised.standardization.mean, promised.standardization.std
    graph = onnx.load(path).graph
    constants = {value.name: onnx.numpy_helper.to_array(value) for value in graph.initializer}
    assert [value.name for value in graph.input] == ["digits"]
    single = np.array([value.item() for value in constants.values() if value.dtype == np.float32 and value.size == 1])
    for number in (1 / std, -mean / std, 1 / promised.temperature):
        assert np.isclose(single, number, rtol=1e-6).any()
