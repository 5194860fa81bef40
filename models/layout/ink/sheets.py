"""Cut a sheet or a strip of paper out of the even ground that it lies on, level."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from models.arrays import Mask
from models.layout.page import Affine, Picture, scale_down

COARSE = 320
"""Longest side, in pixels, of the picture in which the sheet is looked for."""
EVEN = 12
"""Grey levels by which an even ground varies, and its border with it."""
FLAT_BORDER = 0.5
"""Share of the picture's border that is ground."""
OTHER = 20
"""Grey levels by which a sheet differs from the ground."""
LEAST = 0.03
"""Share of the picture that a sheet covers."""
LEAST_WITHIN = 0.15
"""The same share of a sheet that was taken for ink."""
MOST = 0.97
"""Share of the picture above which there is no ground beside the sheet."""
LONGEST = 0.85
"""Share of the picture's width or height that a sheet covers."""
RECTANGULAR = 0.86
"""Share of the smallest rectangle around it that a sheet fills."""
SOLID = 0.6
"""Share of the sheet that is not the ground's grey."""
WRITTEN = 0.008
"""Share of the sheet that differs from its usual grey: something is written on it."""
STEEPEST = 30.0
"""Degrees by which a sheet is turned level, at most."""
STRIP = 2.2
"""Smallest length of a strip in heights of it."""


class Sheet(NamedTuple):
    """A sheet of paper."""

    picture: Picture
    """The sheet alone, level; what is around it has the sheet's usual grey."""
    to_picture: Affine
    """From its pixels to those of the whole picture."""

    @property
    def is_strip(self) -> bool:
        """Whether it is so long that it holds one line."""
        height, width = self.picture.shape[:2]
        return bool(width > STRIP * height)


def find(picture: Picture) -> Sheet | None:
    """Find the sheet that lies on an even ground, as a photo that was turned leaves it; None if there is no such one.

    Args:
        picture: (h, w) or (h, w, 3) uint8.
    """
    coarse = _coarse(picture)
    levels = coarse.max(axis=2) if coarse.ndim == 3 else coarse
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    smooth = np.convolve(np.bincount(border, minlength=256), np.ones(2 * EVEN + 1), "same")
    ground = int(smooth.argmax())
    if smooth[ground] < FLAT_BORDER * len(border):
        return None
    other = cv2.compare(cv2.absdiff(levels, np.full_like(levels, ground)), OTHER, cv2.CMP_GT)
    return _found(picture, levels, other, LEAST, LONGEST)


def within(picture: Picture, mask: Mask) -> Sheet | None:
    """Find the sheet that was taken for ink, being darker or lighter than what it lies on; None if there is none.

    Args:
        picture: (h, w) or (h, w, 3) uint8.
        mask: (h, w) uint8; 255 what was taken for ink.
    """
    if cv2.countNonZero(mask) < LEAST_WITHIN * mask.size:
        return None
    coarse = _coarse(picture)
    levels = coarse.max(axis=2) if coarse.ndim == 3 else coarse
    other = cv2.compare(_coarse(mask), 127, cv2.CMP_GT)
    return _found(picture, levels, other, LEAST_WITHIN, 0)


def _coarse(picture: Picture) -> Picture:
    return scale_down(picture, COARSE / max(picture.shape[:2]))


def _found(picture: Picture, levels: Picture, other: Mask, least: float, longest: float) -> Sheet | None:
    """Level the largest thing on the ground, if it is like a sheet."""
    outline = _outline(levels, other, least, longest)
    if outline is None:
        return None
    scale = levels.shape[1] / picture.shape[1]
    center, (across, down), angle = cv2.minAreaRect(outline)
    if across < down:
        across, down, angle = down, across, angle - 90
    angle = (angle + 90) % 180 - 90
    if abs(angle) > STEEPEST:
        across, down, angle = down, across, angle - 90 if angle > 0 else angle + 90
    if abs(angle) > STEEPEST:
        return None
    inside = np.zeros_like(levels)
    cv2.drawContours(inside, [cv2.convexHull(outline)], -1, 255, -1)  # ink that leaves the picture dents the outline
    edge = 1 if across > STRIP * down else 3  # of a strip the digits reach to the edge
    middle, size = (center[0] / scale, center[1] / scale), (across / scale, down / scale)
    return _level(picture, inside, middle, size, angle, edge)


def _outline(levels: Picture, other: Mask, least: float, longest: float) -> Mask | None:
    """Follow the edge of the largest thing on the ground, if it is like a sheet."""
    other = cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(other, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    area = cv2.contourArea(outline)
    _, (across, down), _ = cv2.minAreaRect(outline)
    _, _, wide, high = cv2.boundingRect(outline)
    height, width = levels.shape
    if area < least * levels.size or (wide < longest * width and high < longest * height):
        return None
    if area < RECTANGULAR * max(across * down, 1) or area > MOST * levels.size:
        return None
    inside = np.zeros_like(levels)
    cv2.drawContours(inside, [outline], -1, 255, -1)
    inside = cv2.erode(inside, np.ones((3, 3), np.uint8))
    within = levels[inside > 0]
    if not within.size or np.count_nonzero(other[inside > 0]) < SOLID * within.size:
        return None
    usual = float(np.median(within))
    return outline if np.count_nonzero(abs(within - usual) > 2 * OTHER) > WRITTEN * within.size else None


def _level(
    picture: Picture, inside: Mask, center: tuple[float, float], size: tuple[float, float], degrees: float, edge: int
) -> Sheet:
    height, width = picture.shape[:2]
    whole = cv2.resize(
        cv2.erode(inside, np.ones((3, 3), np.uint8), iterations=edge), (width, height), interpolation=cv2.INTER_LINEAR
    )
    mask = cv2.compare(whole, 127, cv2.CMP_GT)
    usual = cv2.mean(picture, mask)[:3]
    filled = picture.copy()
    filled[mask == 0] = usual[: 3 if picture.ndim == 3 else 1]
    across, down = max(round(size[0]), 1), max(round(size[1]), 1)
    turn = cv2.getRotationMatrix2D(center, degrees, 1.0)
    turn[:, 2] += across / 2 - center[0], down / 2 - center[1]
    level = cv2.warpAffine(filled, turn, (across, down), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Sheet(level, np.asarray(cv2.invertAffineTransform(turn), np.float64))
