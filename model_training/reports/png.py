"""Encode arrays as PNG files that look right on a light page and, inverted, on a dark one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

POSITIVE, NEGATIVE = (0xD6, 0x56, 0x24), (0x1B, 0x6B, 0xD0)
"""As (blue, green, red): blue for weights above zero, orange for those below."""
SHADES, LEVELS = 15, 63
"""Levels of either color, and from paper to ink. More cannot be told apart, and 255 would double a report's size."""


def grey(levels: NDArray[np.uint8]) -> bytes:
    """Encode (h, w) uint8 grey levels as they are."""
    return _png(levels)


def ink(levels: NDArray[np.uint8]) -> bytes:
    """Encode (h, w) uint8, 255 ink, as dark ink on white."""
    return _png(255 - levels)


def activation(values: NDArray[np.float32]) -> bytes:
    """Encode (h, w) activations, larger ones darker; paper is zero, or the lowest value if that is negative."""
    low = min(float(values.min()), 0.0)
    span = float(values.max()) - low
    levels = np.round((values - low) * (LEVELS / span if span else 0))
    return ink(np.round(levels * (255 / LEVELS)).astype(np.uint8))


def signed(weights: NDArray[np.float32]) -> bytes:
    """Encode (h, w) weights: blue above zero, orange below, transparent at zero."""
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
