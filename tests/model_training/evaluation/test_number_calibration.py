import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model_training.data.dataset import Splits
from model_training.evaluation.number_calibration import WRONG, lag, least_margin
from model_training.evaluation.number_kinds import NumberPicture
from models.inference.contract import Contract
from models.inference.rejection import Rejection
from models.inference.standardization import Standardization
from models.numbers.ctc import BLANK, CLASSES
from models.numbers.line_model import LineModel
from models.numbers.several import probability_of_several
from models.numbers.strips import Strip, cut


class Early:
    """An engine that tells 4, 2 and 7 some pixels to the left of their middles."""

    def __init__(self, pixels: int) -> None:
        self._pixels = pixels

    def logits(self, strip: Strip) -> NDArray[np.float32]:
        logits = np.zeros((strip.shape[1], CLASSES), np.float32)
        logits[:, BLANK] = 9
        edges = np.flatnonzero(np.diff(strip.max(axis=0) > 64, prepend=False, append=False)).reshape(-1, 2)
        for digit, (start, stop) in zip((4, 2, 7), edges, strict=True):
            logits[(start + stop) // 2 - self._pixels, digit] = 18
        return logits


@pytest.mark.parametrize("pixels", [5, 0, -3])
def test_the_lag_of_a_network_is_measured_and_taken_out(splits: Splits, pixels: int):
    chosen = [splits.validation.digits[np.flatnonzero(splits.validation.labels == digit)[3]] for digit in (4, 2, 7)]
    drawing = np.pad(np.hstack([np.pad(cv2.resize(digit, (84, 84)), ((0, 0), (8, 8))) for digit in chosen]), 20)
    pictures = [NumberPicture("apart", "one", drawing, None, (4, 2, 7))]

    def model(lag: float) -> LineModel:
        rejection = Rejection("energy", 0.0, 1.0, 0.0, min_margin=0.9)
        contract = Contract("numbers", tuple(range(10)), Standardization(30, 60), 1.0, rejection, lag=lag)
        return LineModel(contract, Early(pixels), 1)  # type: ignore[arg-type]

    measured = lag(model(0), pictures)
    assert measured == pytest.approx(pixels, abs=0.5)
    assert lag(model(measured), pictures) == pytest.approx(0, abs=0.5)
    assert probability_of_several(model(measured).log_probabilities(cut(drawing).strip)) > 0.9


def test_at_most_that_share_of_the_readings_above_the_margin_is_wrong():
    margins = np.linspace(1, 0, 1000)
    right = np.random.default_rng(4).random(1000) < 0.5 + 0.6 * margins
    least = least_margin(margins, right)
    above = margins >= least
    assert 0 < above.sum() < 1000
    assert (~right[above]).mean() <= WRONG


def test_a_few_right_readings_are_not_enough():
    assert least_margin(np.linspace(0.9, 0.5, 20), np.full(20, True)) == 1
    assert least_margin(np.linspace(0.9, 0.5, 200), np.full(200, True)) == pytest.approx(0.5)


def test_nothing_is_accepted_without_a_reading():
    assert least_margin(np.zeros(0), np.zeros(0, bool)) == 1
