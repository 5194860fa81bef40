"""Other hands for the same digits: drawn anew on every epoch, batch by batch, inside TensorFlow's graph.

What people, pens, scanners and cameras do to a digit that canonicalization does not undo: slant, turn, stretch and
tremble (elastic, Simard et al. 2003), pen width, outlines, blur, contrast, noise, an uneven background, stray lines.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

ROTATION = math.radians(15)
SHEAR = 0.2
"""Slant, as the tangent of an angle."""
STRETCH = 0.15
"""Of either axis, by itself."""
SHIFT = 1.5
"""Pixels; canonicalization centers, so that more is not needed."""
WARP, KNOTS = 1.2, 6
"""Standard deviation of the elastic displacement at its strongest, pixels; knots of the grid that is displaced."""
THINNER, WIDER = 0.5, 0.7
"""How far a stroke goes, at most, towards what is one pixel thinner, or wider, on either side."""
GAMMA = 0.5
"""Contrast: exponents from exp(-GAMMA) to exp(GAMMA)."""
NOISE = 0.25
"""Standard deviation of the noise at its strongest; 1 is the distance of paper from ink."""
HAZE = 0.75
"""How much of the contrast an uneven background takes at its strongest."""
LINE_REACH = 4.0
"""Pixels from the edge within which the rest of a ruled line may lie."""

SOFT, FAINT, NOISY, HAZY, RULED, STRUCK, HOLLOW = 0.25, 0.3, 0.15, 0.12, 0.1, 0.1, 0.04
"""Shares of the augmented digits that are blurred, changed in contrast, noisy, on an uneven background, beside a ruled
line, struck through by a stray one, drawn as an outline."""

SIDE = 28
ROWS, COLUMNS = (axis.astype(np.float32)[None] for axis in np.indices((SIDE, SIDE)))
EDGE = [[0, 0], [1, 1], [1, 1], [0, 0]]


def augment(ink: tf.Tensor, share: float, seed: tf.Tensor) -> tf.Tensor:
    """Redraw a share of a batch as another hand might have.

    Args:
        ink: (b, 28, 28) float32; 0 paper, 1 ink.
        share: of the digits that are changed; the others stay as they are.
        seed: (2,) int32; the same seed gives the same batch.

    Returns:
        (b, 28, 28) float32 in 0..1.
    """
    dice = _Dice(seed, tf.shape(ink)[0])
    drawn = _warped(ink, dice)
    drawn = _penned(drawn[..., None], dice)
    drawn = _photographed(drawn, dice)[..., 0]
    return tf.where(dice.happens(share)[:, None, None], tf.clip_by_value(drawn, 0, 1), ink)


class _Dice:
    """Random numbers for each of b digits, each throw another part of the seed's stream."""

    def __init__(self, seed: tf.Tensor, b: tf.Tensor) -> None:
        self._seed = seed
        self._b = b
        self._thrown = 0

    def _next(self) -> tf.Tensor:
        self._thrown += 1
        return tf.random.experimental.stateless_fold_in(self._seed, self._thrown)

    def uniform(self, low: float, high: float, *shape: int) -> tf.Tensor:
        return tf.random.stateless_uniform([self._b, *shape], self._next(), low, high)

    def normal(self, *shape: int) -> tf.Tensor:
        return tf.random.stateless_normal([self._b, *shape], self._next())

    def happens(self, share: float) -> tf.Tensor:
        """(b,) bool, true for that share."""
        return self.uniform(0, 1) < share

    def strength(self, share: float, most: float) -> tf.Tensor:
        """(b, 1, 1, 1): from 0 to `most` for that share, 0 for the rest."""
        return tf.where(self.happens(share), self.uniform(0, most), 0.0)[:, None, None, None]


def _warped(ink: tf.Tensor, dice: _Dice) -> tf.Tensor:
    """Rotated, slanted, stretched, shifted and bent, in one bilinear sampling; (b, 28, 28) to the same."""
    angle, slant = dice.uniform(-ROTATION, ROTATION, 1, 1), dice.uniform(-SHEAR, SHEAR, 1, 1)
    wide, tall = (tf.exp(dice.uniform(-STRETCH, STRETCH, 1, 1)) for _ in range(2))
    right, down = (dice.uniform(-SHIFT, SHIFT, 1, 1) for _ in range(2))
    knots = dice.normal(KNOTS, KNOTS, 2) * dice.uniform(0, WARP, 1, 1, 1)
    bend = tf.image.resize(knots, (SIDE, SIDE), "bicubic")
    center = (SIDE - 1) / 2
    from_center = tf.range(SIDE, dtype=tf.float32) - center
    y, x = from_center[None, :, None], from_center[None, None, :]
    x = (x + slant * y) * wide
    y = y * tall
    at_x = tf.cos(angle) * x + tf.sin(angle) * y + bend[..., 0] + right + center
    at_y = tf.cos(angle) * y - tf.sin(angle) * x + bend[..., 1] + down + center
    return _sampled(ink, at_x, at_y)


def _sampled(ink: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Bilinear samples of each image at (b, 28, 28) places; beyond the edge is paper."""
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


def _penned(drawn: tf.Tensor, dice: _Dice) -> tf.Tensor:
    """With a wider or a thinner pen: between the drawing and its grey dilation or erosion; (b, 28, 28, 1).

    Now and then hollow: what lies between the two.
    """
    growth = dice.uniform(-THINNER, WIDER)[:, None, None, None]
    wider = tf.nn.max_pool2d(drawn, 3, 1, "SAME")
    thinner = -tf.nn.max_pool2d(-drawn, 3, 1, "SAME")
    penned = drawn + tf.maximum(growth, 0) * (wider - drawn) + tf.minimum(growth, 0) * (drawn - thinner)
    return tf.where(dice.happens(HOLLOW)[:, None, None, None], wider - thinner, penned)


def _photographed(drawn: tf.Tensor, dice: _Dice) -> tf.Tensor:
    """Blurred, of another contrast, beside a line, unevenly lit and noisy, each now and then; (b, 28, 28, 1)."""
    blurred = tf.nn.avg_pool2d(tf.nn.avg_pool2d(tf.pad(drawn, EDGE), 2, 1, "VALID"), 2, 1, "VALID")
    drawn += dice.strength(SOFT, 1) * (blurred - drawn)
    exponent = tf.where(dice.happens(FAINT), tf.exp(dice.uniform(-GAMMA, GAMMA)), 1.0)[:, None, None, None]
    drawn = tf.pow(tf.clip_by_value(drawn, 1e-6, 1), exponent)
    drawn = tf.maximum(drawn, tf.maximum(_ruled(dice), _struck(dice)))
    across = tf.linspace(-1.0, 1.0, SIDE)
    slope = dice.uniform(-1, 1, 2)[:, None, None, :]
    light = 0.5 + 0.25 * (slope[..., :1] * across[None, None, :, None] + slope[..., 1:] * across[None, :, None, None])
    drawn += dice.strength(HAZY, HAZE) * (light - drawn)
    return drawn + dice.strength(NOISY, NOISE) * dice.normal(SIDE, SIDE, 1)


def _ruled(dice: _Dice) -> tf.Tensor:
    """The rest of a ruled line near one edge, (b, 28, 28, 1); all paper where there is none."""
    tilt = dice.uniform(-0.04, 0.04, 1, 1)
    line = _line(dice, COLUMNS - dice.uniform(0, LINE_REACH, 1, 1) - tilt * (ROWS - SIDE / 2))
    line = tf.where(dice.happens(0.5)[:, None, None], line, line[:, :, ::-1])
    line = tf.where(dice.happens(0.5)[:, None, None], line, tf.transpose(line, [0, 2, 1]))
    return tf.where(dice.happens(RULED)[:, None, None], line, 0.0)[..., None]


def _struck(dice: _Dice) -> tf.Tensor:
    """A straight line anywhere, (b, 28, 28, 1); all paper where there is none."""
    angle = dice.uniform(0, math.pi, 1, 1)
    x, y = COLUMNS - (SIDE - 1) / 2, ROWS - (SIDE - 1) / 2
    line = _line(dice, tf.cos(angle) * x + tf.sin(angle) * y - dice.uniform(-SIDE / 2, SIDE / 2, 1, 1))
    return tf.where(dice.happens(STRUCK)[:, None, None], line, 0.0)[..., None]


def _line(dice: _Dice, distance: tf.Tensor) -> tf.Tensor:
    """A pen's line, of a random width and darkness, where the signed distance is near 0; (b, 28, 28)."""
    half = dice.uniform(0.3, 1, 1, 1)
    return tf.clip_by_value(half + 0.5 - tf.abs(distance), 0, 1) * dice.uniform(0.3, 1, 1, 1)
