"""The OpenAPI description matches the service."""

import base64
import json
import re

import jsonschema
import pytest
from openapi_spec_validator import validate

from service import create_app
from service.config import Config
from service.services import Services
from tests.textbook import NUMBERS

PAGES = {"/", "/docs", "/openapi.json", "/static/{filename}"}


@pytest.fixture(scope="module")
def api(client):
    return json.loads(client.get("/openapi.json", buffered=True).data)


def check(api, schema, value):
    jsonschema.validate(
        value, {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": api["components"]}
    )


def response_schema(api, path, method, reply):
    described = api["paths"][path][method]["responses"][str(reply.status)]
    return described["content"][reply.headers["Content-Type"]]["schema"]


def test_it_is_valid_openapi(api):
    validate(api)


def test_it_describes_every_route_and_no_other(api):
    rules = create_app(Services(Config(numbers=NUMBERS))).url_map.iter_rules()
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, methods in api["paths"].items() for method in methods}
    assert {route for route in routes if route[0] not in PAGES} == described


@pytest.mark.parametrize(
    "path",
    [
        "/health/live",
        "/health/ready",
        "/models",
        "/models/digits",
        "/models/numbers",
        "/models/digits/weights/0",
        "/models/digits/weights/1",
    ],
)
def test_responses_of_health_and_models_are_as_described(send, api, path):
    reply = send("GET", path)
    described = re.sub(r"/weights/\d", "/weights/{layer}", re.sub("/(digits|numbers)", "/{name}", path))
    check(api, response_schema(api, described, "get", reply), reply.json)


def test_responses_of_predict_are_as_described(post, api, encode, form, splits):
    png = encode(splits.test.digits[0])
    blank = encode(splits.test.digits[0] * 0)
    for reply in (
        post(png),
        post(blank, path="/predict?canonical=1"),
        post(png, path="/predict?canonical=1"),
        post(png, path="/predict?explain=1"),
        post(blank, path="/predict?explain=1"),
        post(*form(png, b"broken", blank)),
        post(splits.test.digits[:3].tobytes(), "application/octet-stream"),
        post(b"broken"),
        post(b"broken", "text/plain"),
        post({"pixels": 1}),
        post(splits.test.digits[:300].tobytes(), "application/octet-stream"),
    ):
        check(api, response_schema(api, "/predict", "post", reply), reply.json)


def test_responses_of_read_are_as_described(post, api, form, numbers_picture):
    for reply in (
        post(numbers_picture, path="/read"),
        post(numbers_picture, path="/read?grid=1x2"),
        post(*form(numbers_picture, b"broken"), path="/read"),
        post({"strokes": []}, path="/read"),
        post(numbers_picture, path="/read?grid=0x0"),
        post(numbers_picture, path="/read?version=9"),
        post(b"broken", "text/plain", path="/read"),
        post({"pixels": 1}, path="/read"),
    ):
        check(api, response_schema(api, "/read", "post", reply), reply.json)


def test_responses_of_corrections_are_as_described(send, post, api, encode, splits):
    image = base64.b64encode(encode(splits.test.digits[0])).decode()
    replies = [post({"label": label, "image": image}, path="/corrections") for label in (7, None, 11)]
    replies.append(post({"label": 7}, path="/corrections"))
    replies.append(post(b"", "text/plain", "/corrections"))
    for reply in replies:
        check(api, response_schema(api, "/corrections", "post", reply), reply.json)
    for reply in replies[:2]:
        assert send("DELETE", f"/corrections/{reply.json['id']}").status == 204
    check(api, api["paths"]["/corrections"]["post"]["requestBody"]["content"]["application/json"]["schema"],
          {"label": 7, "image": image, "strokes": [[[0, 0]]], "said": None, "model": ""})  # fmt: skip


@pytest.mark.parametrize(("path", "key", "value"), [("/predict", "digit", 7), ("/read", "number", "71")])
def test_its_examples_of_requests_are_valid(post, api, path, key, value):
    for kind, media in api["paths"][path]["post"]["requestBody"]["content"].items():
        for example in media.get("examples", {}).values():
            assert kind == "application/json"
            check(api, media["schema"], example["value"])
            assert post(example["value"], path=path).status in (200, 400)
    strokes = api["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]["strokes"]
    assert post(strokes["value"], path=path).json[key] == value


def test_its_examples_of_responses_are_as_described(api):
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                for media in response.get("content", {}).values():
                    if "example" in media:
                        check(api, media["schema"], media["example"])
                    else:
                        assert (path, method, status) == ("/models/{name}", "get", "200")
