import cv2
import numpy as np
import pytest

from models.errors import BlankDrawing, DrawingError
from models.preprocessing import rasterize
from models.preprocessing.canonicalize import canonicalize, steps
from models.preprocessing.mnist_geometry import BOX, CENTER, SIZE, are_canonical, is_canonical
from models.preprocessing.polarity import find_ink


def on_canvas(digit, side, left, top, canvas=280):
    """Draw an MNIST digit enlarged to `side` pixels on an empty canvas; `left` and `top` are shares of the free space."""
    box = cv2.boundingRect(digit)
    ink = digit[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
    scale = side / max(box[2:])
    ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    drawing = np.zeros((canvas, canvas), np.uint8)
    top, left = round(top * (canvas - ink.shape[0])), round(left * (canvas - ink.shape[1]))
    drawing[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return drawing


def classify(model, drawings):
    return model.predict(np.stack([canonicalize(find_ink(drawing)) for drawing in drawings])).probabilities.argmax(1)


def difference(one, other):
    """Return the mean difference in grey levels."""
    return np.abs(one.astype(float) - other).mean()


def test_every_mnist_digit_is_returned_unchanged(splits):
    for split in (splits.train, splits.validation, splits.test):
        assert all(canonicalize(find_ink(digit)) is digit for digit in split.digits)


def test_many_drawings_are_judged_as_single_ones_are(splits):
    generator = np.random.default_rng(1)
    sparse = generator.integers(0, 256, (500, 28, 28), dtype=np.uint8) * (generator.random((500, 28, 28)) < 0.02)
    moved = np.roll(splits.test.digits[:500], generator.integers(-3, 4), axis=2)
    for drawings in (sparse.astype(np.uint8), moved, splits.test.digits[:500]):
        assert are_canonical(drawings).tolist() == [is_canonical(drawing) for drawing in drawings]
    assert are_canonical(splits.train.digits).all()
    assert not are_canonical(255 - splits.test.digits[:500]).any()


@pytest.mark.parametrize("side", [60, 120, 250])
@pytest.mark.parametrize(("left", "top"), [(0.5, 0.5), (0, 0), (1, 0), (0, 1), (1, 1)])
def test_size_position_and_polarity_hardly_change_the_accuracy(splits, model, side, left, top):
    digits, labels = splits.validation.digits[:300], splits.validation.labels[:300]
    drawings = [on_canvas(digit, side, left, top) for digit in digits]
    direct = (model.predict(digits).probabilities.argmax(1) == labels).mean()
    light_on_dark = (classify(model, drawings) == labels).mean()
    dark_on_light = (classify(model, [255 - drawing for drawing in drawings]) == labels).mean()
    assert light_on_dark == dark_on_light
    assert light_on_dark >= direct - 0.02


@pytest.mark.parametrize("pen", [2, 6, 12, 24, 36])
def test_a_seven_is_recognized_with_any_pen(model, pen):
    drawing = np.zeros((280, 280), np.uint8)
    cv2.polylines(drawing, [np.array([[70, 60], [200, 60], [120, 230]])], False, 255, pen, cv2.LINE_AA)
    assert classify(model, [drawing]) == 7


def test_canonical_digits_are_centered_and_fit_the_box():
    generator = np.random.default_rng(1)
    for _ in range(200):
        path = generator.uniform(0, 1, (generator.integers(2, 6), 2))
        digit = canonicalize(rasterize.draw([path]))
        _, _, width, height = cv2.boundingRect(digit)
        moments = cv2.moments(digit)
        assert digit.shape == (SIZE, SIZE)
        assert digit.dtype == np.uint8
        assert max(width, height) <= BOX
        for moment in ("m10", "m01"):
            assert abs(moments[moment] / moments["m00"] + 0.5 - CENTER) <= 0.51 or max(width, height) == BOX


def test_a_canonical_digit_is_returned_unchanged():
    digit = canonicalize(rasterize.draw([np.array([[0, 0], [1, 0], [0.4, 2]])]))
    assert is_canonical(digit)
    assert canonicalize(digit) is digit


def test_specks_are_removed_and_the_bar_of_a_five_is_kept(splits):
    digit = splits.test.digits[0]
    clean = on_canvas(digit, 150, 0.5, 0.5)
    dirty = clean.copy()
    dirty[5:8, 5:8] = 255
    assert difference(canonicalize(clean), canonicalize(dirty)) < 2
    with_bar = clean.copy()
    with_bar[20:35, 100:180] = 255
    assert difference(canonicalize(clean), canonicalize(with_bar)) > 10


@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_page_of_one_color_is_blank(level):
    with pytest.raises(BlankDrawing):
        canonicalize(find_ink(np.full((100, 120), level, np.uint8)))


def test_the_grain_of_empty_paper_is_blank():
    grain = np.random.default_rng(1).integers(245, 256, (200, 200), dtype=np.uint8)
    with pytest.raises(BlankDrawing):
        canonicalize(find_ink(grain))


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 2)])
def test_drawings_one_or_two_pixels_wide_are_handled(shape):
    ink = np.full(shape, 255, np.uint8)
    assert canonicalize(ink).shape == (SIZE, SIZE)
    with pytest.raises(BlankDrawing):
        canonicalize(find_ink(ink))


def scribble(generator):
    """Make an array of a random kind: noise, levels, blots, lines, dots, full or nearly empty."""
    height, width = generator.integers(1, 120, 2)
    kind = generator.integers(5)
    if kind == 0:
        return generator.integers(0, 256, (height, width), dtype=np.uint8)
    drawing = np.full((height, width), generator.choice([0, 30, 255]), np.uint8)
    if kind == 1:
        drawing[generator.random((height, width)) < 0.01] = generator.integers(256)
    for _ in range(generator.integers(0, 6)):
        ends = generator.integers(-20, 140, (2, 2))
        level, pen = int(generator.integers(256)), int(generator.integers(1, 60))
        cv2.line(drawing, tuple(map(int, ends[0])), tuple(map(int, ends[1])), level, pen)
    return drawing


def test_any_array_becomes_a_digit_or_is_blank():
    generator = np.random.default_rng(1)
    blanks = 0
    for _ in range(2000):
        drawing = scribble(generator)
        try:
            digit = canonicalize(find_ink(drawing))
        except BlankDrawing:
            blanks += 1
            continue
        assert digit.shape == (SIZE, SIZE)
        assert digit.any()
    assert 0 < blanks < 1000


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (2, 2), (1, 3), (3, 1)])
def test_pictures_of_up_to_four_pixels_keep_their_shape(shape):
    for level in (0, 100, 255):
        grey = np.full(shape, level, np.uint8)
        grey[0, 0] = 255 - level
        assert find_ink(grey).shape == shape


@pytest.mark.parametrize("array", [np.zeros((2, 2, 3), np.uint8), np.zeros((0, 4), np.uint8), np.zeros((4, 4))])
def test_arrays_that_are_not_drawings_are_refused(array):
    with pytest.raises(DrawingError):
        canonicalize(array)


def test_the_last_step_is_the_canonical_digit(splits):
    for drawing in [on_canvas(splits.test.digits[0], 90, 0.2, 0.7), splits.test.digits[0]]:
        *_, last = steps(drawing).values()
        assert np.array_equal(last, canonicalize(drawing))
    with pytest.raises(BlankDrawing):
        steps(np.zeros((100, 100), np.uint8))
