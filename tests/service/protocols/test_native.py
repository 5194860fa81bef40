"""The contract of `POST /predict`, through Flask and through the server."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from models.registry.store import Store
from tests.textbook import NUMBERS, STORE

SEVEN = {"strokes": [[[60, 60], [220, 60], [120, 240]]]}
BLANK = np.full((100, 100), 255, np.uint8)


def data_url(data, type="image/png"):
    return f"data:{type};base64,{base64.b64encode(data).decode()}"


def test_a_png_of_an_mnist_digit_has_the_probabilities_of_the_model(post, encode, splits, model):
    digits = splits.test.digits[:50]
    offline = model.predict(digits)
    for digit, probabilities, score in zip(digits, offline.probabilities, offline.digit_score, strict=True):
        answer = post(encode(digit)).json
        assert np.abs(np.array(answer["probabilities"]) - probabilities).max() < 1e-6
        assert answer["digit"] == probabilities.argmax()
        assert answer["confidence"] == max(answer["probabilities"])
        assert abs(answer["digit_score"] - score) < 1e-6
        assert abs(sum(answer["probabilities"]) - 1) < 1e-5


def test_every_encoding_of_a_digit_has_the_same_probabilities(post, encode, form, splits):
    digit = splits.test.digits[3]
    png = encode(digit)
    expected = post(png).json["probabilities"]
    assert post(*form(png)).json["probabilities"] == expected
    assert post({"image": base64.b64encode(png).decode()}).json["probabilities"] == expected
    assert post({"image": data_url(png)}).json["probabilities"] == expected
    assert post({"pixels": digit.tolist()}).json["probabilities"] == expected
    assert post({"pixels": (255 - digit).tolist()}).json["probabilities"] == expected
    assert post(png, "image/anything; charset=binary").json["probabilities"] == expected


def test_the_answer_has_exactly_these_keys(post, encode, splits, model):
    reply = post(encode(splits.test.digits[0]))
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert list(reply.json) == [
        "digit", "probabilities", "confidence", "digit_score", "accepted", "reason", "model", "request_id",
    ]  # fmt: skip
    assert reply.json["model"] == {"name": "digits", "version": model.version}
    assert (reply.json["digit"], reply.json["accepted"], reply.json["reason"]) == (7, True, None)


def test_strokes_are_classified(post):
    assert post(SEVEN).json["digit"] == 7


def test_a_batch_is_answered_in_order_and_a_bad_image_has_an_error_in_its_place(post, encode, splits):
    images = [base64.b64encode(encode(digit)).decode() for digit in splits.test.digits[:5]]
    items = [images[0], {"image": images[1]}, {"image": "!"}, {"pixels": splits.test.digits[3].tolist()}, SEVEN]
    reply = post({"images": items})
    assert reply.status == 200
    predictions = reply.json["predictions"]
    assert [item.get("digit") for item in predictions] == [*splits.test.labels[:2], None, splits.test.labels[3], 7]
    assert (predictions[2]["code"], predictions[2]["status"]) == ("bad_base64", 400)


def test_several_files_are_answered_as_a_batch_and_one_file_is_not(post, encode, form, splits):
    files = [encode(digit) for digit in splits.test.digits[:20]]
    predictions = post(*form(*files)).json["predictions"]
    assert [item["digit"] for item in predictions] == [post(file).json["digit"] for file in files]
    mixed = post(*form(files[0], b"no image", encode(BLANK), files[1])).json["predictions"]
    assert [item.get("digit", item.get("code")) for item in mixed] == [7, "undecodable_image", None, 2]


def test_a_file_field_in_which_none_was_chosen_is_no_file(post, encode, splits):
    png = encode(splits.test.digits[0])

    def form(*files):
        parts = [
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n%b\r\n" % file
            for file in files
        ]
        return b"".join([*parts, b"--x--\r\n"]), "multipart/form-data; boundary=x"

    none = (b"", b"")
    for files in ([(b"a.png", png), none], [none, none, (b"a.png", png)], [(b"", png)]):
        assert post(*form(*files)).json["digit"] == 7
    two = post(*form((b"a.png", png), none, (b"b.png", png))).json["predictions"]
    assert [answer["digit"] for answer in two] == [7, 7]
    assert post(*form(none, none)).json["code"] == "no_file"
    empty = post(*form((b"a.png", png), (b"empty.png", b""))).json["predictions"]
    assert [answer.get("digit", answer.get("code")) for answer in empty] == [7, "undecodable_image"]


def test_raw_pixels_of_either_polarity_are_answered_as_a_batch(post, splits, model):
    digits = splits.test.digits[:40].copy()
    digits[1::2] = 255 - digits[1::2]
    reply = post(digits.tobytes(), "application/octet-stream")
    offline = model.predict(splits.test.digits[:40]).probabilities
    answers = np.array([item["probabilities"] for item in reply.json["predictions"]])
    assert np.abs(answers - offline).max() < 1e-6
    assert len(post(digits[:1].tobytes(), "application/octet-stream").json["predictions"]) == 1


def test_raw_pixels_are_canonicalized(post, splits):
    moved = np.roll(splits.test.digits[0], 4, axis=1)
    (answer,) = post(moved.tobytes(), "application/octet-stream", "/predict?canonical=1").json["predictions"]
    assert answer["digit"] == 7
    assert answer == answer | post({"pixels": moved.tolist()}, path="/predict?canonical=1").json | {
        "request_id": answer["request_id"]
    }
    (blank,) = post(bytes(784), "application/octet-stream").json["predictions"]
    assert blank["reason"] == "blank"


def test_a_batch_of_one_is_answered_as_a_batch(post):
    assert post({"images": [SEVEN]}).json["predictions"][0]["digit"] == 7


@pytest.mark.parametrize("body", [{"pixels": np.zeros((28, 28), int).tolist()}, {"strokes": []}, {"strokes": [[]]}])
def test_blank_pixels_and_strokes_are_answered_as_blank(post, body):
    if body == {"strokes": [[]]}:
        body = {"pixels": np.full((28, 28), 200).tolist()}
    answer = post(body).json
    assert answer["digit"] is None
    assert answer["probabilities"] == [0.1] * 10
    assert (answer["accepted"], answer["reason"], answer["digit_score"]) == (False, "blank", 0)


@pytest.mark.parametrize("color", ["white", "black", "gray"])
def test_an_image_of_one_color_is_answered_as_blank(post, encode, color):
    answer = post(encode(Image.new("RGB", (280, 280), color))).json
    assert (answer["digit"], answer["reason"]) == (None, "blank")


def test_the_thresholds_of_the_model_decide_which_answers_are_accepted(post, encode, splits, model):
    rejection = model.contract.rejection
    reasons = set()
    for digit in splits.validation.digits[:1500]:
        answer = post(encode(digit)).json
        second, best = sorted(answer["probabilities"])[-2:]
        if answer["digit_score"] < rejection.min_digit_score:
            expected = "not_a_digit"
        else:
            expected = "ambiguous" if best - second < rejection.min_margin else None
        assert (answer["reason"], answer["accepted"]) == (expected, expected is None)
        reasons.add(answer["reason"])
    assert reasons == {None, "ambiguous", "not_a_digit"}


def test_canonical_shows_the_digit_that_was_classified(post, encode, splits):
    digit = splits.test.digits[0]
    url = post(encode(digit), path="/predict?canonical=1").json["canonical"]
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,")))))
    assert np.array_equal(seen, digit)
    assert post(encode(BLANK), path="/predict?canonical=1").json["canonical"] is None
    assert "canonical" not in post(encode(digit), path="/predict?canonical=0").json


def test_the_client_s_request_id_is_kept_if_it_is_well_formed(send, encode, splits):
    png = encode(splits.test.digits[0])
    for given in ("abc-123", "a" * 64):
        reply = send("POST", "/predict", png, "image/png", {"X-Request-ID": given})
        assert reply.json["request_id"] == reply.headers["X-Request-ID"] == given
    for given in ("a" * 65, "a b", "<script>"):
        reply = send("POST", "/predict", png, "image/png", {"X-Request-ID": given})
        assert re.fullmatch("[0-9a-f]{32}", reply.json["request_id"])


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", "image/png", 400, "empty_body"),
        (b"", "application/json", 400, "empty_body"),
        (b"hello", "image/png", 400, "undecodable_image"),
        (b"hello", "text/plain", 415, "unsupported_media_type"),
        (b"hello", "", 415, "unsupported_media_type"),
        (b"", "application/octet-stream", 400, "empty_body"),
        (bytes(783), "application/octet-stream", 422, "bad_pixels"),
        (bytes(257 * 784), "application/octet-stream", 413, "too_many_items"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"{", "application/json", 400, "bad_json"),
        (b"\xff", "application/json", 400, "bad_json"),
        (b'{"pixels": NaN}', "application/json", 400, "bad_json"),
        (b'{"pixels": [[1e999]]}', "application/json", 400, "bad_json"),
        (b"[" * 10_000 + b"]" * 10_000, "application/json", 400, "bad_json"),
        (b'{"pixels": ' + b"[" * 500 + b"]" * 500 + b"}", "application/json", 422, "bad_pixels"),
        (b"[]", "application/json", 400, "bad_document"),
        (b"null", "application/json", 400, "bad_document"),
        (b"{}", "application/json", 400, "bad_document"),
        (b'{"picture": "x"}', "application/json", 400, "bad_document"),
        (b'{"image": "", "extra": 1}', "application/json", 400, "bad_document"),
        (b'{"image": 7}', "application/json", 400, "bad_document"),
        (b'{"images": []}', "application/json", 400, "bad_document"),
        (b'{"images": "x"}', "application/json", 400, "bad_document"),
        (b'{"image": "%%%"}', "application/json", 400, "bad_base64"),
        (b'{"image": "abcde"}', "application/json", 400, "bad_base64"),
        (b'{"image": "data:image/png,abc"}', "application/json", 400, "bad_base64"),
        (b'{"image": "aGVsbG8="}', "application/json", 400, "undecodable_image"),
        (b'{"pixels": 7}', "application/json", 422, "bad_pixels"),
        (b'{"pixels": [[1, 2], [3]]}', "application/json", 422, "bad_pixels"),
        (b'{"pixels": [["a"]]}', "application/json", 422, "bad_pixels"),
        (b'{"strokes": 7}', "application/json", 422, "bad_strokes"),
        (b'{"strokes": [[[1, 2, 3]]]}', "application/json", 422, "bad_strokes"),
        (b'{"strokes": [[[1, null]]]}', "application/json", 422, "bad_strokes"),
        (b'{"strokes": [[[1, 1e300]]]}', "application/json", 422, "bad_strokes"),
        (b"--x", "multipart/form-data", 400, "bad_form"),
        (b"--x", "multipart/form-data; boundary=x", 400, "bad_form"),
        (b"garbage", "multipart/form-data; boundary=x", 400, "bad_form"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400, "no_file"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n', "multipart/form-data; boundary=x", 400, "no_file"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused_as_a_problem_document(post, body, content_type, status, code):
    reply = post(body, content_type)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert list(reply.json) == ["type", "title", "status", "code", "detail", "request_id"]
    assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, code)
    assert reply.json["detail"].endswith(".")
    assert reply.json["request_id"] == reply.headers["X-Request-ID"]


@pytest.mark.parametrize("shape", [(27, 28), (28, 27), (1, 1), (28, 28, 1)])
def test_the_refusal_of_a_wrong_shape_names_the_shape(post, shape):
    reply = post({"pixels": np.zeros(shape, int).tolist()})
    assert (reply.status, reply.json["code"]) == (422, "bad_pixels")
    assert " x ".join(map(str, shape)) in reply.json["detail"]


@pytest.mark.parametrize("value", [-1, 256, 1e300])
def test_pixels_out_of_range_are_refused(post, value):
    pixels = np.zeros((28, 28)).tolist()
    pixels[5][5] = value
    assert post({"pixels": pixels}).json["code"] == "bad_pixels"


def test_a_bad_parameter_is_refused(post, encode):
    reply = post(encode(BLANK), path="/predict?canonical=yes")
    assert (reply.status, reply.json["code"]) == (400, "bad_parameter")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/predict", 405), ("GET", "/nowhere", 404), ("POST", "/", 405)]
)
def test_a_wrong_path_or_method_is_refused_as_a_problem_document(send, method, path, status):
    reply = send(method, path)
    assert (reply.status, reply.json["status"]) == (status, status)
    assert reply.headers["Content-Type"] == "application/problem+json"
    if status == 405:
        assert "OPTIONS" in reply.headers["Allow"]


def test_health_and_models_name_the_version_that_is_served(send, model):
    assert send("GET", "/health/live").json == {"status": "live"}
    digits, numbers = ({"name": name, "version": 1} for name in ("digits", "numbers"))
    models = [served | {"refused": None} for served in (digits, numbers)]
    ready = {"status": "ready", "model": digits, "refused": None, "models": models}
    assert send("GET", "/health/ready").json == ready
    summary, numbers_summary = send("GET", "/models").json["models"]
    assert summary == {
        "name": "digits",
        "serving": model.version,
        "versions": Store(STORE).versions(),
        "labels": {"stable": model.version, "canary": None},
        "refused": None,
    }
    assert numbers_summary == summary | {"name": "numbers", "versions": Store(NUMBERS).versions()}
    assert send("GET", "/models/numbers").json["contract"]["name"] == "numbers"
    assert send("GET", "/models/digits").json["contract"]["mean"] == pytest.approx(33.3, abs=0.1)
    assert send("GET", "/models/letters").status == 404


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/predict", "/health/live", "/nowhere"])
def test_every_response_has_the_security_headers(send, path):
    headers = send("GET", path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def photographed(picture):
    """Light a picture from one side, on grey, noisy paper."""
    noise = np.random.default_rng(0).normal(0, 4, picture.shape)
    shade = np.linspace(0, 25, picture.shape[1])
    return (205 + noise + shade - 0.6 * (255 - picture.astype(float))).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("change", [lambda picture: picture, photographed], ids=["canvas", "photo"])
def test_several_digits_are_said_to_be_several(post, numbers_picture, encode, form, change):
    picture = np.array(Image.open(io.BytesIO(numbers_picture)))
    paper = encode(change(np.pad(picture, 40, constant_values=255)))
    reply = post(paper)
    assert (reply.json["accepted"], reply.json["reason"]) == (False, "several_digits")
    assert reply.headers["Link"].startswith("<read>")
    seven = encode(change(np.pad(picture[:, :100], 40, constant_values=255)))
    alone = post(seven)
    assert (alone.json["digit"], alone.json["accepted"]) == (7, True)
    assert "Link" not in alone.headers
    several = post(*form(seven, paper, b"broken", seven)).json["predictions"]
    assert [answer.get("reason", answer.get("code")) for answer in several] == [
        None, "several_digits", "undecodable_image", None
    ]  # fmt: skip


def test_single_digits_are_not_said_to_be_several(post, encode, form, splits):
    pictures = [
        encode(255 - np.pad(np.kron(digit, np.ones((5, 5), np.uint8)), 20)) for digit in splits.test.digits[:200]
    ]
    answers = post(*form(*pictures)).json["predictions"]
    assert [n for n, answer in enumerate(answers) if answer["reason"] == "several_digits"] == []
