import math

import numpy as np
import pytest

from models.numbers import ctc
from models.numbers.several import probability_of_several


@pytest.mark.parametrize("columns", [1, 2, 5, 12])
@pytest.mark.parametrize("spread", [0.1, 1, 5])
def test_it_is_what_no_digit_and_each_single_digit_leave(columns, spread):
    logits = np.random.default_rng(columns).normal(0, spread, (columns, ctc.CLASSES)).astype(np.float32)
    logs = ctc.log_probabilities(logits)
    others = math.exp(ctc.log_probability(logs, ())) + sum(
        math.exp(ctc.log_probability(logs, (digit,))) for digit in range(10)
    )
    assert probability_of_several(logs) == pytest.approx(1 - others, abs=1e-9)
