"""Augment digits inside TensorFlow's graph, with new random numbers in every epoch.

The changes are those of writers, pens, scanners and cameras that canonicalization does not undo: slant, rotation,
stretching and elastic distortion (Simard et al. 2003), pen width, outlines, blur, contrast, noise, an uneven
background, stray lines.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

ROTATION = math.radians(15)
SHEAR = 0.2
"""Largest slant, as the tangent of an angle."""
STRETCH = 0.15
"""Each axis is stretched by exp(-STRETCH) to exp(STRETCH) on its own."""
SHIFT = 1.5
"""Pixels; no more is needed, because canonicalization centers."""
WARP, KNOTS = 1.2, 6
"""Largest standard deviation of the elastic displacement, pixels; knots along each side of its grid."""
THINNER, WIDER = 0.5, 0.7
"""How far strokes change at most towards being one pixel thinner or wider on either side; 1 is all the way."""
GAMMA = 0.5
"""Contrast: grey levels are raised to exp(-GAMMA) to exp(GAMMA)."""
NOISE = 0.25
"""Largest standard deviation of the noise; 1 is the difference between paper and ink."""
HAZE = 0.75
"""Largest share of the contrast that an uneven background takes."""
LINE_REACH = 4.0
"""Pixels from the edge within which a ruled line may lie."""

SOFT, FAINT, NOISY, HAZY, RULED, STRAY, HOLLOW = 0.25, 0.3, 0.15, 0.12, 0.1, 0.1, 0.04
"""Shares of the augmented digits that are blurred, changed in contrast, noisy, on an uneven background, beside a ruled
line, crossed by a stray line, reduced to an outline."""

SIDE = 28
ROWS, COLUMNS = (axis.astype(np.float32)[None] for axis in np.indices((SIDE, SIDE)))
EDGE = [[0, 0], [1, 1], [1, 1], [0, 0]]


def augment(ink: tf.Tensor, share: float, seed: tf.Tensor) -> tf.Tensor:
    """Augment a share of a batch.

    Args:
        ink: (b, 28, 28) float32; 0 paper, 1 ink.
        share: of the digits to change; the others stay as they are.
        seed: (2,) int32; the same seed gives the same batch.

    Returns:
        (b, 28, 28) float32 in 0..1.
    """
    random = _Random(seed, tf.shape(ink)[0])
    drawn = _warp(ink, random)
    drawn = _change_pen(drawn[..., None], random)
    drawn = _photograph(drawn, random)[..., 0]
    return tf.where(random.happens(share)[:, None, None], tf.clip_by_value(drawn, 0, 1), ink)


class _Random:
    """Random numbers for each of b digits; every draw folds its number into the seed."""

    def __init__(self, seed: tf.Tensor, b: tf.Tensor) -> None:
        self._seed = seed
        self._b = b
        self._draws = 0

    def _next(self) -> tf.Tensor:
        self._draws += 1
        return tf.random.experimental.stateless_fold_in(self._seed, self._draws)

    def uniform(self, low: float, high: float, *shape: int) -> tf.Tensor:
        return tf.random.stateless_uniform([self._b, *shape], self._next(), low, high)

    def normal(self, *shape: int) -> tf.Tensor:
        return tf.random.stateless_normal([self._b, *shape], self._next())

    def happens(self, share: float) -> tf.Tensor:
        """Return (b,) bool, true for that share."""
        return self.uniform(0, 1) < share

    def strength(self, share: float, most: float) -> tf.Tensor:
        """Return (b, 1, 1, 1): from 0 to `most` for that share, 0 for the rest."""
        return tf.where(self.happens(share), self.uniform(0, most), 0.0)[:, None, None, None]


def _warp(ink: tf.Tensor, random: _Random) -> tf.Tensor:
    """Rotate, slant, stretch, shift and bend (b, 28, 28) digits in one bilinear sampling."""
    angle, slant = random.uniform(-ROTATION, ROTATION, 1, 1), random.uniform(-SHEAR, SHEAR, 1, 1)
    wide, tall = (tf.exp(random.uniform(-STRETCH, STRETCH, 1, 1)) for _ in range(2))
    right, down = (random.uniform(-SHIFT, SHIFT, 1, 1) for _ in range(2))
    knots = random.normal(KNOTS, KNOTS, 2) * random.uniform(0, WARP, 1, 1, 1)
    bend = tf.image.resize(knots, (SIDE, SIDE), "bicubic")
    center = (SIDE - 1) / 2
    from_center = tf.range(SIDE, dtype=tf.float32) - center
    y, x = from_center[None, :, None], from_center[None, None, :]
    x = (x + slant * y) * wide
    y = y * tall
    at_x = tf.cos(angle) * x + tf.sin(angle) * y + bend[..., 0] + right + center
    at_y = tf.cos(angle) * y - tf.sin(angle) * x + bend[..., 1] + down + center
    return _sample(ink, at_x, at_y)


def _sample(ink: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sample each image bilinearly at (b, 28, 28) places; beyond the edge is paper."""
    padded = tf.pad(ink, [[0, 0], [1, 1], [1, 1]])
    width = SIDE + 2
    x, y = (tf.clip_by_value(value + 1, 0, width - 1.001) for value in (x, y))
    left, top = tf.floor(x), tf.floor(y)
    right, below = x - left, y - top
    corner = (tf.range(tf.shape(ink)[0]) * width**2)[:, None, None] + tf.cast(top * width + left, tf.int32)
    flat = tf.reshape(padded, [-1])
    upper = tf.gather(flat, corner) * (1 - right) + tf.gather(flat, corner + 1) * right
    lower = tf.gather(flat, corner + width) * (1 - right) + tf.gather(flat, corner + width + 1) * right
    return upper * (1 - below) + lower * below


def _change_pen(drawn: tf.Tensor, random: _Random) -> tf.Tensor:
    """Make the pen of (b, 28, 28, 1) digits wider or thinner, between the drawing and its grey dilation or erosion.

    A share of them becomes hollow: the difference of the two.
    """
    growth = random.uniform(-THINNER, WIDER)[:, None, None, None]
    wider = tf.nn.max_pool2d(drawn, 3, 1, "SAME")
    thinner = -tf.nn.max_pool2d(-drawn, 3, 1, "SAME")
    changed = drawn + tf.maximum(growth, 0) * (wider - drawn) + tf.minimum(growth, 0) * (drawn - thinner)
    return tf.where(random.happens(HOLLOW)[:, None, None, None], wider - thinner, changed)


def _photograph(drawn: tf.Tensor, random: _Random) -> tf.Tensor:
    """Blur, change contrast, add lines, light unevenly and add noise, each for a share of (b, 28, 28, 1) digits."""
    blurred = tf.nn.avg_pool2d(tf.nn.avg_pool2d(tf.pad(drawn, EDGE), 2, 1, "VALID"), 2, 1, "VALID")
    drawn += random.strength(SOFT, 1) * (blurred - drawn)
    exponent = tf.where(random.happens(FAINT), tf.exp(random.uniform(-GAMMA, GAMMA)), 1.0)[:, None, None, None]
    drawn = tf.pow(tf.clip_by_value(drawn, 1e-6, 1), exponent)
    drawn = tf.maximum(drawn, tf.maximum(_ruled_line(random), _stray_line(random)))
    across = tf.linspace(-1.0, 1.0, SIDE)
    slope = random.uniform(-1, 1, 2)[:, None, None, :]
    light = 0.5 + 0.25 * (slope[..., :1] * across[None, None, :, None] + slope[..., 1:] * across[None, :, None, None])
    drawn += random.strength(HAZY, HAZE) * (light - drawn)
    return drawn + random.strength(NOISY, NOISE) * random.normal(SIDE, SIDE, 1)


def _ruled_line(random: _Random) -> tf.Tensor:
    """Draw a ruled line near one edge of a share, (b, 28, 28, 1); the rest stays all paper."""
    tilt = random.uniform(-0.04, 0.04, 1, 1)
    line = _line(random, COLUMNS - random.uniform(0, LINE_REACH, 1, 1) - tilt * (ROWS - SIDE / 2))
    line = tf.where(random.happens(0.5)[:, None, None], line, line[:, :, ::-1])
    line = tf.where(random.happens(0.5)[:, None, None], line, tf.transpose(line, [0, 2, 1]))
    return tf.where(random.happens(RULED)[:, None, None], line, 0.0)[..., None]


def _stray_line(random: _Random) -> tf.Tensor:
    """Draw a straight line anywhere on a share, (b, 28, 28, 1); the rest stays all paper."""
    angle = random.uniform(0, math.pi, 1, 1)
    x, y = COLUMNS - (SIDE - 1) / 2, ROWS - (SIDE - 1) / 2
    line = _line(random, tf.cos(angle) * x + tf.sin(angle) * y - random.uniform(-SIDE / 2, SIDE / 2, 1, 1))
    return tf.where(random.happens(STRAY)[:, None, None], line, 0.0)[..., None]


def _line(random: _Random, distance: tf.Tensor) -> tf.Tensor:
    """Draw a line of random width and darkness where the signed distance is near 0; (b, 28, 28)."""
    half = random.uniform(0.3, 1, 1, 1)
    return tf.clip_by_value(half + 0.5 - tf.abs(distance), 0, 1) * random.uniform(0.3, 1, 1, 1)
