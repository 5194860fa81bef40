"""Digits with what people draw around, under and beside them, through Flask and through the server."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.models.preprocessing.marked import MARKS, SIDE, mark, write


@pytest.mark.parametrize("name", MARKS)
def test_a_marked_digit_is_read_or_not_accepted(post, encode, splits, name):
    right, wrong = 0, 0
    for digit, label in zip(splits.test.digits[:20], splits.test.labels[:20], strict=True):
        answer = post(encode(255 - mark(write(digit), name))).json
        right += answer["accepted"] and answer["digit"] == label
        wrong += answer["accepted"] and answer["digit"] != label
    assert wrong <= 1
    assert right >= 15


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_a_stroke_in_a_ring_is_ambiguous(post, encode, format):
    picture = np.full((SIDE, SIDE), 255, np.uint8)
    cv2.circle(picture, (100, 100), 70, 0, 10, cv2.LINE_AA)
    cv2.line(picture, (82, 140), (118, 60), 0, 10, cv2.LINE_AA)
    answer = post(encode(picture, format), f"image/{format.lower()}").json
    assert (answer["accepted"], answer["reason"]) == (False, "ambiguous")


def test_a_thin_1_after_a_digit_makes_several_digits(post, encode, splits):
    several = 0
    for digit in splits.test.digits[:20]:
        drawing = write(digit)
        left, top, width, height = cv2.boundingRect((drawing > 60).astype(np.uint8))
        x = left + width + 16
        cv2.line(drawing, (x + 4, top), (x, top + height), 255, 6, cv2.LINE_AA)
        several += post(encode(255 - drawing)).json["reason"] == "several_digits"
    assert several >= 17
