import numpy as np

from models.numbers.views import leaning


def test_a_view_leans_about_its_middle():
    strip = np.zeros((32, 60), np.uint8)
    strip[:, 29:32] = 255
    middles = [float(row @ np.arange(60) / row.sum()) for row in leaning(strip, 0.12).astype(float)]
    assert abs(middles[0] - middles[-1]) > 3
    assert abs((middles[0] + middles[-1]) / 2 - 30) < 0.3
    assert abs(middles[15] - 30) < 0.3
