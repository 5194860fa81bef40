"""`POST /corrections` and `DELETE /corrections/ID`, through Flask and through the server."""

import base64
import json

import cv2
import numpy as np
import pytest
import requests
from PIL import Image

from models.registry.corrections import Corrections
from service import create_app
from service.access.client_address import PER_MINUTE
from service.config import Config
from service.services import Services
from tests import serving

STROKES = [[[0.25, 0.15], [0.7, 0.15], [0.4, 0.9]]]


@pytest.fixture
def seven(encode, splits):
    return "data:image/png;base64," + base64.b64encode(encode(splits.test.digits[0])).decode()


@pytest.fixture
def correct(post):
    """correct(**fields) -> Reply"""

    def correct(**values):
        return post(values, path="/corrections")

    return correct


@pytest.fixture
def kept(database_url):
    return lambda: {correction.id: correction for correction in Corrections(database_url)}


def test_a_correction_is_kept_and_can_be_removed(correct, send, kept, seven):
    reply = correct(label=1, image=seven, strokes=STROKES, said=7, model="digits 1")
    assert reply.status == 201
    correction = kept()[reply.json["id"]]
    assert (correction.label, correction.predicted, correction.model) == (1, 7, "digits 1")
    assert correction.strokes == STROKES
    where = reply.headers["Location"]
    assert send("DELETE", where).status == 204
    assert reply.json["id"] not in kept()
    assert send("DELETE", where).status == 404


def test_a_correction_may_say_that_the_image_is_not_a_digit(correct, send, kept, seven):
    reply = correct(label=None, image=seven)
    assert kept()[reply.json["id"]].label is None
    send("DELETE", reply.headers["Location"])


def test_only_the_scaled_grey_ink_of_a_photo_is_kept(correct, send, kept, encode):
    photo = np.full((1200, 1600, 3), (216, 234, 240), np.uint8)
    photo[300:900, 780:820] = (120, 48, 36)
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    encoded = base64.b64encode(encode(photo, "JPEG", exif=exif)).decode()
    reply = correct(label=1, image=encoded)
    png = kept()[reply.json["id"]].png
    assert b"a camera" not in png
    ink = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert ink.shape == (384, 512)
    assert ink[5, 5] < 10
    assert ink[200, 256] > 100
    send("DELETE", reply.headers["Location"])


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"label": 10}, 422, "bad_label"),
        ({"label": True}, 422, "bad_label"),
        ({"label": "7"}, 422, "bad_label"),
        ({"said": -1}, 422, "bad_label"),
        ({"model": "m" * 81}, 422, "bad_model"),
        ({"strokes": [[1, 2]]}, 422, "bad_strokes"),
        ({"strokes": [[[0, 0]] * 20_001]}, 413, "too_many_points"),
        ({"image": "!"}, 400, "bad_base64"),
        ({"image": base64.b64encode(b"no picture").decode()}, 400, "undecodable_image"),
        ({"more": 1}, 400, "bad_document"),
    ],
)
def test_a_bad_correction_is_refused_and_not_kept(correct, kept, seven, values, status, code):
    before = kept()
    reply = correct(**{"label": 7, "image": seven} | values)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert kept() == before


def test_a_blank_image_is_refused(correct, encode, splits):
    blank = base64.b64encode(encode(splits.test.digits[0] * 0)).decode()
    assert correct(label=7, image=blank).json["code"] == "blank"


def test_only_json_is_accepted_so_that_no_other_site_can_send_a_correction(post, seven):
    body = json.dumps({"label": 7, "image": seven}).encode()
    assert post(body, "text/plain", "/corrections").status == 415
    assert post(b"{", "application/json", "/corrections").json["code"] == "bad_json"
    assert post(b"[]", "application/json", "/corrections").json["code"] == "bad_document"


def test_a_body_over_the_limit_is_refused(post):
    assert post(b" " * ((16 << 20) + 1), "application/json", "/corrections").json["code"] == "body_too_large"


def test_a_full_database_refuses_corrections_and_says_when_to_retry(seven, monkeypatch, database_url):
    monkeypatch.setattr("models.registry.corrections.PER_MINUTE", 0)
    client = create_app(Services(Config(database_url=database_url))).test_client()
    reply = client.post("/corrections", json={"label": 7, "image": seven})
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "60")
    assert json.loads(reply.data)["code"] == "too_many_corrections"


def test_the_rate_of_one_client_holds_across_workers_and_limits_no_other_client(tmp_path, seven):
    database = f"sqlite:///{tmp_path}/corrections.db"

    def correct(url, address):
        headers = {"X-Forwarded-For": f"9.9.9.9, {address}"}
        return requests.post(f"{url}/corrections", json={"label": 7, "image": seven}, headers=headers, timeout=10)

    with serving.service(DIGITS_DATABASE_URL=database, WORKERS="2") as (url, _):
        bad = [requests.post(f"{url}/corrections", json={}, timeout=10).status_code for _ in range(PER_MINUTE + 1)]
        assert set(bad) == {400}  # bad corrections are not counted
        replies = [correct(url, "1.1.1.1") for _ in range(PER_MINUTE + 10)]
        refused = [reply for reply in replies if reply.status_code == 429]
        assert {reply.status_code for reply in replies} == {201, 429}
        assert [reply.status_code for reply in replies[:PER_MINUTE]] == [201] * PER_MINUTE
        for reply in refused:
            assert reply.json()["code"] == "too_many_corrections"
            assert 1 <= int(reply.headers["Retry-After"]) <= 3
        assert correct(url, "1.1.1.2").status_code == 201
    assert len(list(Corrections(database))) == len(replies) - len(refused) + 1


def test_a_broken_database_is_logged_and_its_path_is_not_shown_to_the_client(tmp_path, seven, caplog):
    (tmp_path / "file").write_text("")
    url = f"sqlite:///{tmp_path}/file/corrections.db"
    client = create_app(Services(Config(database_url=url))).test_client()
    reply = client.post("/corrections", json={"label": 7, "image": seven})
    assert reply.status_code == 503
    assert "log says why" in json.loads(reply.data)["detail"]
    assert str(tmp_path) not in reply.text
    assert str(tmp_path) in caplog.text
