import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from model_training.presets import PRESETS
from model_training.training import runs

TOGETHER = 8


def test_trainings_that_begin_in_the_same_second_get_directories_of_their_own(tmp_path):
    together = Barrier(TOGETHER, timeout=30)

    def start(seed):
        together.wait()
        return runs.start(tmp_path / "runs", PRESETS["tiny"], seed)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads change places at nearly every instruction
    try:
        with ThreadPoolExecutor(TOGETHER) as pool:
            begun = list(pool.map(start, range(20 * TOGETHER)))
    finally:
        sys.setswitchinterval(interval)
    assert len({run.directory for run in begun}) == len(begun)
    assert all((run.directory / "run.json").is_file() for run in begun)
