import numpy as np
import pytest

from model_training.data import stroke_rendering
from models.preprocessing.canonicalize import canonicalize
from models.preprocessing.polarity import find_ink

SEVEN = [np.array([[0.0, 0], [160, 0], [60, 180]])]


@pytest.mark.parametrize("extent", stroke_rendering.EXTENT)
@pytest.mark.parametrize("pen", stroke_rendering.PEN)
@pytest.mark.parametrize("place", [(0, 0), (1, 1), (0.5, 0.2)])
def test_a_drawing_has_the_size_place_and_polarity_asked_for(extent, pen, place):
    light, dark = (
        stroke_rendering.render(SEVEN, pen=pen, extent=extent, place=place, dark_ink=ink) for ink in (False, True)
    )
    assert np.array_equal(light, 255 - dark)
    rows, columns = (np.flatnonzero(light.max(axis=axis) > 127) for axis in (1, 0))
    assert len(rows) == pytest.approx(extent * stroke_rendering.SIDE, abs=2)
    assert rows[0] == pytest.approx(place[1] * (stroke_rendering.SIDE - len(rows)), abs=2)
    assert columns[0] == pytest.approx(place[0] * (stroke_rendering.SIDE - len(columns)), abs=2)


def test_random_renderings_are_still_read(model):
    generator = np.random.default_rng(1)
    drawings = [stroke_rendering.render_randomly(SEVEN, generator) for _ in range(50)]
    answers = model.predict(np.stack([canonicalize(find_ink(drawing)) for drawing in drawings])).probabilities.argmax(1)
    assert (answers == 7).mean() >= 0.9


def test_a_point_and_a_level_line_leave_ink():
    for strokes in ([np.array([[5.0, 5]])], [np.array([[0.0, 3], [9, 3]])]):
        assert stroke_rendering.render(strokes, pen=0.05, extent=0.5, place=(0.5, 0.5), dark_ink=False).any()
