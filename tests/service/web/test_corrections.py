"""`POST /corrections` and `DELETE /corrections/ID`, through Flask and through the server."""

import base64
import itertools
import json
import threading
from time import monotonic
from types import MappingProxyType
from urllib.parse import urljoin

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
from tests import postgresql, serving
from tests.textbook import NUMBERS

SENDERS = itertools.count()
STROKES = [[[0.25, 0.15], [0.7, 0.15], [0.4, 0.9]]]


@pytest.fixture
def seven(encode, splits):
    return "data:image/png;base64," + base64.b64encode(encode(splits.test.digits[0])).decode()


@pytest.fixture
def sender():
    """Headers of a client that no other test is."""
    return {"X-Forwarded-For": f"9.9.9.9, 203.0.{next(SENDERS)}.1"}


@pytest.fixture
def correct(send, sender):
    """correct(**fields) -> Reply"""

    def correct(headers=MappingProxyType({}), **values):
        return send("POST", "/corrections", json.dumps(values).encode(), "application/json", sender | headers)

    return correct


@pytest.fixture
def kept(database_url):
    return lambda: {correction.id: correction for correction in Corrections(database_url)}


def place(reply):
    """Return the path of the correction that a reply is about."""
    return urljoin("/corrections", reply.headers["Location"])


def test_a_correction_is_kept_and_can_be_removed(correct, send, kept, seven):
    reply = correct(label=1, image=seven, strokes=STROKES, said=7, model="digits 1")
    assert reply.status == 201
    correction = kept()[reply.json["id"]]
    assert (correction.label, correction.predicted, correction.model) == (1, 7, "digits 1")
    assert correction.strokes == STROKES
    where = place(reply)
    assert send("DELETE", where).status == 204
    assert reply.json["id"] not in kept()
    assert send("DELETE", where).status == 404


def test_a_correction_may_say_that_the_image_is_not_a_digit(correct, send, kept, seven):
    reply = correct(label=None, image=seven)
    assert kept()[reply.json["id"]].label is None
    send("DELETE", place(reply))


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
    send("DELETE", place(reply))


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


def test_only_json_is_accepted_so_that_no_other_site_can_send_a_correction(send, sender, seven):
    body = json.dumps({"label": 7, "image": seven}).encode()
    assert send("POST", "/corrections", body, "text/plain", sender).status == 415
    assert send("POST", "/corrections", b"{", "application/json", sender).json["code"] == "bad_json"
    assert send("POST", "/corrections", b"[]", "application/json", sender).json["code"] == "bad_document"


def test_a_body_over_the_limit_is_refused(send, sender):
    large = b" " * ((16 << 20) + 1)
    assert send("POST", "/corrections", large, "application/json", sender).json["code"] == "body_too_large"


@pytest.mark.parametrize("key", ["8e03978e-40d5-43dd-bc93-6894a57f9324", '"a key"'])
def test_a_correction_that_is_sent_again_with_its_key_is_kept_once(correct, send, kept, seven, key):
    before = len(kept())
    header = {"Idempotency-Key": f"{key[:-1]}{next(SENDERS)}{key[-1]}"}
    first, again = (correct(header, label=7, image=seven) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["Location"] == first.headers["Location"]
    other = correct(header, label=1, image=seven)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert len(kept()) == before + 1
    send("DELETE", place(first))


def test_a_bad_key_is_refused_and_nothing_is_kept(correct, kept, seven):
    before = kept()
    reply = correct({"Idempotency-Key": "k" * 256}, label=7, image=seven)
    assert (reply.status, reply.json["code"]) == (400, "bad_idempotency_key")
    assert kept() == before


def test_a_correction_takes_little_room(correct, kept, seven, encode):
    before = kept()
    points = [[[-999990.1234, 999998.4321]] * 3_000]
    noise = np.zeros((512, 512), np.uint8)
    noise[2:-2, 2:-2] = np.random.default_rng(0).integers(0, 256, (508, 508))
    for values in ({"image": seven, "strokes": points}, {"image": base64.b64encode(encode(noise)).decode()}):
        reply = correct(label=7, **values)
        assert (reply.status, reply.json["code"]) == (413, "correction_too_large")
    assert kept() == before


def test_the_character_zero_is_refused(correct, send, seven, sender):
    assert correct(label=7, image=seven, model="digits\0").json["code"] == "bad_model"
    assert send("DELETE", "/corrections/%00", headers=sender).status == 404


def test_a_full_database_refuses_corrections_and_says_when_to_retry(seven, monkeypatch, database_url):
    monkeypatch.setattr("models.registry.corrections.PER_MINUTE", 0)
    client = create_app(Services(Config(numbers=NUMBERS, database_url=database_url))).test_client()
    reply = client.post("/corrections", json={"label": 7, "image": seven})
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "60")
    assert json.loads(reply.data)["code"] == "too_many_corrections"


def test_the_rate_of_one_client_holds_across_workers_and_limits_no_other_client(tmp_path, seven):
    database = f"sqlite:///{tmp_path}/corrections.db"
    good = {"label": 7, "image": seven}

    def correct(url, address, document):
        headers = {"X-Forwarded-For": f"9.9.9.9, {address}"}
        return requests.post(f"{url}/corrections", json=document, headers=headers, timeout=10)

    def check(replies, status):
        refused = [reply for reply in replies if reply.status_code == 429]
        assert {reply.status_code for reply in replies} == {status, 429}
        assert [reply.status_code for reply in replies[:PER_MINUTE]] == [status] * PER_MINUTE
        for reply in refused:
            assert reply.json()["code"] == "too_many_corrections"
            assert 1 <= int(reply.headers["Retry-After"]) <= 3
        return len(replies) - len(refused)

    with serving.service(DIGITS_DATABASE_URL=database, DIGITS_TRUSTED_PROXIES="127.0.0.1", WORKERS="2") as (url, _):
        stored = check([correct(url, "1.1.1.1", good) for _ in range(PER_MINUTE + 10)], 201)
        check([correct(url, "1.1.1.2", {}) for _ in range(PER_MINUTE + 10)], 400)  # bad ones cost work as well
        check([requests.delete(f"{url}/corrections/{n}", timeout=10) for n in range(PER_MINUTE + 10)], 404)
        assert correct(url, "1.1.1.3", good).status_code == 201
    assert len(list(Corrections(database))) == stored + 1


def test_nobody_chooses_their_address_by_default(tmp_path):
    with serving.service(DIGITS_DATABASE_URL=f"sqlite:///{tmp_path}/corrections.db") as (url, _):
        replies = [
            requests.post(f"{url}/corrections", json={}, headers={"X-Forwarded-For": f"1.1.1.{n}"}, timeout=10)
            for n in range(PER_MINUTE + 10)
        ]
    assert [reply.status_code for reply in replies[:PER_MINUTE]] == [400] * PER_MINUTE
    assert 429 in {reply.status_code for reply in replies}


def test_a_correction_that_is_sent_to_several_workers_at_once_is_kept_once(tmp_path, seven):
    database = f"sqlite:///{tmp_path}/corrections.db"
    replies = []

    def correct(url):
        header = {"Idempotency-Key": "a key"}
        document = {"label": 7, "image": seven}
        replies.append(requests.post(f"{url}/corrections", json=document, headers=header, timeout=10))

    with serving.service(DIGITS_DATABASE_URL=database, WORKERS="2") as (url, _):
        senders = [threading.Thread(target=correct, args=(url,)) for _ in range(8)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    assert [reply.status_code for reply in replies] == [201] * 8
    (correction,) = Corrections(database)
    assert {reply.json()["id"] for reply in replies} == {correction.id}


def test_a_silent_database_is_answered_with_503_in_time(seven, caplog):
    with postgresql.silent() as (url, accepted):
        client = create_app(Services(Config(numbers=NUMBERS, database_url=url))).test_client()

        def refuse():
            began = monotonic()
            reply = client.post("/corrections", json={"label": 7, "image": seven})
            assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
            assert json.loads(reply.data)["code"] == "corrections_unavailable"
            return monotonic() - began

        assert refuse() < 2 * Config().deadline_seconds
        refuse()
        assert len(accepted) == 1  # it was left alone
        assert 'digits_requests_total{reason="corrections_unavailable",' in client.get("/metrics").text


def test_a_broken_database_is_logged_and_its_path_is_not_shown_to_the_client(tmp_path, seven, caplog):
    (tmp_path / "file").write_text("")
    url = f"sqlite:///{tmp_path}/file/corrections.db"
    client = create_app(Services(Config(numbers=NUMBERS, database_url=url))).test_client()
    reply = client.post("/corrections", json={"label": 7, "image": seven})
    assert reply.status_code == 503
    assert "log says why" in json.loads(reply.data)["detail"]
    assert str(tmp_path) not in reply.text
    assert str(tmp_path) in caplog.text
