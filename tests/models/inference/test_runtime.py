import subprocess
import sys

import numpy as np
import pytest

from models.inference import runtime
from models.inference.runtime import Engine, Probe
from models.registry.contract import ENGINE_FILES
from models.registry.store import ARTIFACTS, Store


@pytest.fixture(scope="module")
def network():
    return (Store(ARTIFACTS / "digits").resolve(1) / ENGINE_FILES["float32"]).read_bytes()


def test_the_engine_starts_no_thread_and_runs_on_after_a_fork():
    """The gunicorn master imports it, and a thread of the master would be missing in its workers."""
    path = Store(ARTIFACTS / "digits").resolve(1) / ENGINE_FILES["int8"]
    program = f"""
import os, pathlib, cv2, numpy
threads = len(os.listdir("/proc/self/task"))
from models.inference.runtime import Engine
engine = Engine(pathlib.Path({str(path)!r}).read_bytes())
digits = numpy.zeros((17, 28, 28), numpy.uint8)
expected = engine.logits(digits)
assert len(os.listdir("/proc/self/task")) == threads
if os.fork():
    print(os.wait()[1])
else:
    os._exit(not numpy.array_equal(engine.logits(digits), expected))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("0\n", 0), result.stderr


def test_the_network_tells_its_mean_and_std(network, model):
    standardization = model.contract.standardization
    assert Engine(network).standardization() == pytest.approx((standardization.mean, standardization.std), rel=1e-6)


def test_a_file_that_is_no_network_is_refused():
    with pytest.raises(ValueError, match="not a valid"):
        Engine(b"not a network").logits(np.zeros((1, 28, 28), np.uint8))


def test_the_probe_computes_the_logits_of_the_engine(network, splits):
    output = runtime.interpreter(network, (1, 28, 28)).get_output_details()[0]["index"]
    digit = splits.test.digits[0]
    inside = Probe(network).values(digit, [output])[output]
    assert np.allclose(inside, Engine(network).logits(digit[None]), atol=1e-4)
