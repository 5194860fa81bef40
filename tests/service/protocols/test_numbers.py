"""`POST /read`, through Flask and through the server."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from service.images.pages import MAX_STROKES
from service.protocols.numbers import MAX_CELLS, MAX_SIDE

SEVENTY_ONE = [[[60, 60], [160, 60], [100, 200]], [[240, 60], [236, 200]]]
KEYS = {"number", "digits", "lines", "accepted", "reason", "model", "request_id"}
DIGIT_KEYS = {"digit", "box", "probabilities", "confidence", "digit_score", "accepted", "reason"}


def overlap(box, other):
    """Return the share of the union of two boxes that is common to both."""
    (x, y, w, h), (a, b, c, d) = box, other
    common = max(min(x + w, a + c) - max(x, a), 0) * max(min(y + h, b + d) - max(y, b), 0)
    return common / (w * h + c * d - common)


def check(answer, boxes):
    """Check an answer that must be 71 with its digits at about these boxes."""
    assert set(answer) == KEYS
    assert answer["number"] == "71"
    assert answer["accepted"] == (answer["reason"] is None)
    assert answer["accepted"] == all(digit["accepted"] for digit in answer["digits"])
    assert answer["model"] == {"name": "numbers", "version": 1}
    assert [line["number"] for line in answer["lines"]] == ["71"]
    assert answer["lines"][0]["digits"] == [0, 2]
    for digit, number, box in zip(answer["digits"], (7, 1), boxes, strict=True):
        assert set(digit) == DIGIT_KEYS
        assert digit["accepted"] == (digit["reason"] is None)
        assert digit["digit"] == number == int(np.argmax(digit["probabilities"]))
        assert sum(digit["probabilities"]) == pytest.approx(1)
        assert digit["confidence"] == max(digit["probabilities"])
        assert 0 <= digit["digit_score"] <= 1
        assert overlap(digit["box"], box) > 0.6, (digit["box"], box)


BOXES = ((26, 26, 58, 68), (116, 26, 13, 68))


def test_a_picture_is_read_digit_by_digit(post, numbers_picture):
    reply = post(numbers_picture, path="/read")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    check(reply.json, BOXES)
    assert reply.json["request_id"] == reply.headers["X-Request-ID"]


def test_strokes_are_read_in_their_own_unit(post):
    answer = post({"strokes": SEVENTY_ONE}, path="/read").json
    assert answer["number"] == "71"
    for digit, box in zip(answer["digits"], ((55, 55, 110, 150), (231, 55, 14, 150)), strict=True):
        assert overlap(digit["box"], box) > 0.4, (digit["box"], box)


def test_every_body_that_predict_takes_is_read(post, form, numbers_picture):
    encoded = base64.b64encode(numbers_picture).decode()
    check(post({"image": encoded}, path="/read").json, BOXES)
    check(post({"image": f"data:image/png;base64,{encoded}"}, path="/read").json, BOXES)
    check(post(*form(numbers_picture), path="/read").json, BOXES)
    for reading in post(*form(numbers_picture, numbers_picture), path="/read").json["readings"]:
        check(reading, BOXES)
    (read,) = post(bytes(784), "application/octet-stream", path="/read").json["readings"]
    assert (read["number"], read["reason"]) == ("", "blank")


def test_one_bad_picture_of_a_batch_is_a_problem_in_its_place(post, numbers_picture):
    good = {"image": base64.b64encode(numbers_picture).decode()}
    batch = [good, {"image": base64.b64encode(b"hello").decode()}, {"image": "!"}, {"strokes": SEVENTY_ONE}]
    first, second, third, fourth = post({"images": batch}, path="/read").json["readings"]
    check(first, BOXES)
    assert (second["status"], second["code"]) == (400, "undecodable_image")
    assert third["code"] == "bad_base64"
    assert fourth["number"] == "71"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_are_in_the_picture_as_it_was_sent_after_its_rotation(post, numbers_picture, orientation):
    upright = Image.open(io.BytesIO(numbers_picture)).resize((3600, 2160))
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    sent = upright.transpose(back[orientation]) if orientation in back else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    body = io.BytesIO()
    sent.convert("RGB").save(body, "JPEG", exif=exif)
    reply = post(body.getvalue(), "image/jpeg", path="/read")
    check(reply.json, [[18 * number for number in box] for box in BOXES])


@pytest.mark.parametrize("body", [{"strokes": []}, {"strokes": [[]]}, {"pixels": [[0] * 28] * 28}])
def test_nothing_written_is_blank(post, body):
    answer = post(body, path="/read").json
    assert (answer["number"], answer["reason"], answer["accepted"]) == ("", "blank", False)
    assert (answer["digits"], answer["lines"]) == ([], [])


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 500), (500, 1), (3, 3), (4, 4), (4, 500)])
def test_a_picture_of_a_few_pixels_holds_nothing(post, encode, shape):
    for level in (0, 255):
        picture = encode(np.full(shape, level, np.uint8))
        assert post(picture, path="/read").json["reason"] == "blank"
        assert post(picture, path="/read?grid=1x2").json["grid"] == [[None, None]]


def test_what_holds_no_digits_is_no_number(post, encode, splits):
    scribble = np.random.default_rng(0).integers(0, 256, (200, 300), np.uint8)
    answer = post(encode(scribble), path="/read").json
    assert answer["number"] == ""
    assert answer["reason"] in ("blank", "not_a_number")


def test_a_grid_is_answered_cell_by_cell(post, encode, splits):
    cells = np.zeros((3 * 60, 2 * 60), np.uint8)
    sevens = [n for n in range(100) if splits.test.labels[n] == 7]
    for row, column in ((0, 0), (1, 1), (2, 0)):
        cells[60 * row + 16 : 60 * row + 44, 60 * column + 16 : 60 * column + 44] = splits.test.digits[sevens[row]]
    picture = 255 - np.kron(cells, np.ones((3, 3), np.uint8))
    picture[:: 180 - 1], picture[:, :: 180 - 1] = 0, 0
    answer = post(encode(picture), path="/read?grid=3x2").json
    assert set(answer) == KEYS | {"grid"}
    assert answer["grid"] == [[7, None], [None, 7], [7, None]]
    assert [digit["digit"] for digit in answer["digits"]] == [7, 7, 7]


@pytest.mark.parametrize(
    "grid", ["", "9", "9x", "x9", "0x9", "9x0", "-1x9", "9X9", "51x1", "1x51", "21x20", "9x9x9", "09x9"]
)
def test_a_grid_that_is_none_is_refused(post, numbers_picture, grid):
    reply = post(numbers_picture, path=f"/read?grid={grid}")
    assert (reply.status, reply.json["code"]) == (400, "bad_parameter")
    assert f"from 1 to {MAX_SIDE}" in reply.json["detail"]
    assert f"{MAX_CELLS} cells" in reply.json["detail"]


def test_strokes_have_no_grid(post):
    reply = post({"strokes": SEVENTY_ONE}, path="/read?grid=2x2")
    assert (reply.status, reply.json["code"]) == (422, "bad_strokes")


@pytest.mark.parametrize("parameter", ["canonical", "explain"])
def test_what_explains_one_digit_is_refused(post, numbers_picture, parameter):
    reply = post(numbers_picture, path=f"/read?{parameter}=1")
    assert (reply.status, reply.json["code"]) == (400, "bad_parameter")
    assert "/predict" in reply.json["detail"]


def test_only_the_served_version_answers(post, numbers_picture):
    check(post(numbers_picture, path="/read?version=1").json, BOXES)
    reply = post(numbers_picture, path="/read?version=9")
    assert (reply.status, reply.json["code"]) == (404, "no_such_version")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", "image/png", 400, "empty_body"),
        (b"hello", "image/png", 400, "undecodable_image"),
        (b"hello", "text/plain", 415, "unsupported_media_type"),
        (b"{", "application/json", 400, "bad_json"),
        (b'{"strokes": 7}', "application/json", 422, "bad_strokes"),
        (b'{"strokes": [[[0, 1e9]]]}', "application/json", 422, "bad_strokes"),
        (b'{"images": []}', "application/json", 400, "bad_document"),
        (b"12345", "application/octet-stream", 422, "bad_pixels"),
    ],
)
def test_what_cannot_be_read_is_a_problem_document(post, body, content_type, status, code):
    reply = post(body, content_type, path="/read")
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_numbers_are_counted_by_their_verdict(post, send, numbers_picture):
    def counted():
        lines = send("GET", "/metrics").body.decode().splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line[0] != "#"}

    before = counted()
    verdict = post(numbers_picture, path="/read").json["reason"] or "accepted"
    post({"strokes": []}, path="/read")
    after = counted()
    changed = {key: value - before.get(key, 0) for key, value in after.items() if "digits_numbers_total" in key}
    assert changed[f'digits_numbers_total{{verdict="{verdict}"}}'] == 1
    assert changed['digits_numbers_total{verdict="blank"}'] == 1
    assert after["digits_number_length_sum"] - before.get("digits_number_length_sum", 0) == 2
    for stage in ("queue", "decode", "layout", "read"):
        name = f'digits_stage_seconds_count{{stage="numbers_{stage}"}}'
        assert after[name] - before.get(name, 0) == 2, stage


def test_more_strokes_than_a_page_has_are_refused(post):
    reply = post({"strokes": [[[at % 50, at // 50]] for at in range(MAX_STROKES + 1)]}, path="/read")
    assert (reply.status, reply.json["code"]) == (413, "too_many_strokes")
