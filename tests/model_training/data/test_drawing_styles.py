import numpy as np
import pytest

from model_training.data import drawing_styles
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

SEVEN = [np.array([[0.0, 0], [160, 0], [60, 180]])]


@pytest.mark.parametrize("extent", drawing_styles.EXTENT)
@pytest.mark.parametrize("pen", drawing_styles.PEN)
@pytest.mark.parametrize("place", [(0, 0), (1, 1), (0.5, 0.2)])
def test_a_drawing_is_as_large_as_asked_where_asked_in_either_polarity(extent, pen, place):
    light, dark = (
        drawing_styles.draw(SEVEN, pen=pen, extent=extent, place=place, dark_ink=ink) for ink in (False, True)
    )
    assert np.array_equal(light, 255 - dark)
    rows, columns = (np.flatnonzero(light.max(axis=axis) > 127) for axis in (1, 0))
    assert len(rows) == pytest.approx(extent * drawing_styles.SIDE, abs=2)
    assert rows[0] == pytest.approx(place[1] * (drawing_styles.SIDE - len(rows)), abs=2)
    assert columns[0] == pytest.approx(place[0] * (drawing_styles.SIDE - len(columns)), abs=2)


def test_what_is_drawn_freely_still_reads(model):
    generator = np.random.default_rng(1)
    drawings = [drawing_styles.draw_freely(SEVEN, generator) for _ in range(50)]
    answers = model.predict(np.stack([canonicalize(find_ink(drawing)) for drawing in drawings])).probabilities.argmax(1)
    assert (answers == 7).mean() >= 0.9


def test_a_point_is_a_dot_and_a_level_line_a_line():
    for strokes in ([np.array([[5.0, 5]])], [np.array([[0.0, 3], [9, 3]])]):
        assert drawing_styles.draw(strokes, pen=0.05, extent=0.5, place=(0.5, 0.5), dark_ink=False).any()
