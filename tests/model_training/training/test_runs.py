from concurrent.futures import ThreadPoolExecutor

from model_training.presets import PRESETS
from model_training.training import runs


def test_trainings_that_begin_in_the_same_second_get_directories_of_their_own(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        begun = list(pool.map(lambda seed: runs.start(tmp_path / "runs", PRESETS["tiny"], seed), range(64)))
    assert len({run.directory for run in begun}) == 64
    assert all((run.directory / "run.json").is_file() for run in begun)
