"""Arrays -> PNG files that look right on light paper and, inverted, on dark."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

POSITIVE, NEGATIVE = (0xD6, 0x56, 0x24), (0x1B, 0x6B, 0xD0)
"""Blue, green, red: blue above zero, orange below."""
SHADES, LEVELS = 15, 63
"""Of either color, and from paper to ink: as many as are told apart; of 255 a report would take twice the bytes."""


def grey(levels: NDArray[np.uint8]) -> bytes:
    """(h, w) uint8 grey levels, as they are."""
    return _png(levels)


def ink(levels: NDArray[np.uint8]) -> bytes:
    """(h, w) uint8, 255 ink -> dark ink on white."""
    return _png(255 - levels)


def strength(activation: NDArray[np.float32]) -> bytes:
    """(h, w) >= 0 or of either sign -> the larger the darker; from zero, or from the least, to the largest."""
    low = min(float(activation.min()), 0.0)
    span = float(activation.max()) - low
    levels = np.round((activation - low) * (LEVELS / span if span else 0))
    return ink(np.round(levels * (255 / LEVELS)).astype(np.uint8))


def signed(weights: NDArray[np.float32]) -> bytes:
    """(h, w) weights -> blue above zero, orange below, nothing at zero: right on any paper."""
    limit = float(np.quantile(np.abs(weights[weights != 0]), 0.99)) if weights.any() else 1.0
    shade = np.clip(np.abs(weights) / limit, 0, 1)
    alpha = np.round(shade * SHADES).astype(np.uint8) * (255 // SHADES)
    color = np.where(weights[..., None] > 0, np.uint8(POSITIVE), np.uint8(NEGATIVE))
    return _png(np.concatenate([color, alpha[..., None]], axis=2))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    _, encoded = cv2.imencode(
        ".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    )
    return encoded.tobytes()
