"""HEAD and OPTIONS wherever there is something, and the methods of each path, through Flask and through the server."""

from __future__ import annotations

import pytest

READ = {"GET", "HEAD", "OPTIONS"}
POST = {"POST", "OPTIONS"}
PATHS = {
    "/": READ,
    "/docs": READ,
    "/openapi.json": READ,
    "/static/theme.css": READ,
    "/health/live": READ,
    "/health/ready": READ,
    "/metrics": READ,
    "/models": READ,
    "/models/digits": READ,
    "/v2": READ,
    "/v2/health/ready": READ,
    "/v2/models/digits": READ,
    "/v2/models/digits/versions/1/ready": READ,
    "/v1/models/digits": READ,
    "/v1/models/digits/labels/stable/metadata": READ,
    "/predict": POST,
    "/read": POST,
    "/corrections": POST,
    "/corrections/x": {"DELETE", "OPTIONS"},
    "/v2/models/digits/infer": POST,
    "/v2/models/digits/versions/1/infer": POST,
    "/v2/repository/index": POST,
    "/v1/models/digits:predict": POST,
    "/v1/models/digits/versions/1:classify": POST,
    "/v1/models/digits/labels/stable:predict": POST,
}


def allowed(reply) -> set[str]:
    return set(reply.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", PATHS)
def test_options_says_which_methods_a_path_has(send, path):
    reply = send("OPTIONS", path)
    assert (reply.status, reply.body, allowed(reply)) == (200, b"", PATHS[path])


@pytest.mark.parametrize("path", PATHS)
def test_another_method_is_refused_with_those_that_there_are(send, path):
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "TRACE"} - PATHS[path]:
        reply = send(method, path)
        assert (reply.status, allowed(reply)) == (405, PATHS[path]), method


@pytest.mark.parametrize("path", [path for path, methods in PATHS.items() if "HEAD" in methods])
def test_head_has_the_headers_of_get_and_no_body(send, path):
    get, head = send("GET", path), send("HEAD", path)
    assert (head.status, head.body) == (get.status, b"") == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


def test_options_of_nothing_is_refused(send):
    assert send("OPTIONS", "/nowhere").status == 404
