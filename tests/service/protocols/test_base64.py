"""Base64 as people's libraries write it, on every protocol, through Flask and through the server."""

from __future__ import annotations

import base64
import json

import pytest

JSON = "application/json"
PROTOCOLS = {
    "/predict": lambda text: {"image": text},
    "/predict, a batch": lambda text: {"images": [text, {"image": text}]},
    "/read": lambda text: {"image": text},
    "/v1/models/digits:predict": lambda text: {"instances": [{"b64": text}]},
    "/v1/models/digits:classify": lambda text: {"examples": [{"image": {"b64": text}}]},
    "/v1/models/numbers:predict": lambda text: {"inputs": {"image": [{"b64": text}]}},
    "/v2/models/digits/infer": lambda text: {"inputs": [tensor(text)]},
    "/v2/models/numbers/infer": lambda text: {"inputs": [tensor(text)]},
}
"""Path -> a request with an encoded image."""


def tensor(text: str) -> dict[str, object]:
    return {"name": "image", "datatype": "BYTES", "shape": [1], "data": [text]}


def lines(text: str, size: int, end: str) -> str:
    return end.join(text[n : n + size] for n in range(0, len(text), size))


SPELLINGS = {
    "MIME": lambda text: lines(text, 76, "\r\n") + "\r\n",
    "PEM": lambda text: lines(text, 64, "\n"),
    "a folded header": lambda text: lines(text, 76, "\r\n\t"),
    "folded YAML": lambda text: lines(text, 76, " "),
    "no padding": lambda text: text.rstrip("="),
    "padding to be sure": lambda text: text + "==",
    "URL-safe": lambda text: text.translate(URL_SAFE),
    "URL-safe, no padding": lambda text: text.translate(URL_SAFE).rstrip("="),
    "Android's default": lambda text: lines(text, 76, "\n") + "\n",
    "blanks around it": lambda text: f"\n {text} ",
    "a data URL": lambda text: f"data:image/png;base64,{text}",
    "a data URL in capitals": lambda text: f"DATA:IMAGE/PNG;BASE64,{text}",
    "a data URL with a parameter": lambda text: f" data:image/png;charset=utf-8;base64,{text}",
    "a data URL with lines and no padding": lambda text: f"data:;base64,\n{lines(text, 76, chr(10))}".rstrip("="),
    "a data URL, escaped": lambda text: "data:image/png;base64," + text.replace("+", "%2B").replace("=", "%3D"),
}
URL_SAFE = str.maketrans("+/", "-_")


@pytest.fixture(scope="module")
def png(encode, splits):
    """A PNG whose base64 has each letter that is spelt differently."""
    pngs = (encode(digit) for digit in splits.test.digits)
    return next(png for png in pngs if {*b"+/="} <= {*base64.b64encode(png)})


@pytest.fixture
def ask(send):
    """ask(protocol, text) -> Reply without what differs between two requests."""

    def ask(protocol, text):
        body = json.dumps(PROTOCOLS[protocol](text)).encode()
        reply = send("POST", protocol.partition(",")[0], body, JSON, {"X-Request-ID": "same"})
        return reply.status, reply.json

    return ask


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_spelling_is_read_as_the_plain_one(ask, png, protocol):
    text = base64.b64encode(png).decode()
    plain = ask(protocol, text)
    assert plain[0] == 200
    assert "code" not in json.dumps(plain[1])
    assert [name for name, spell in SPELLINGS.items() if ask(protocol, spell(text)) != plain] == []


@pytest.mark.parametrize("protocol", ["/predict", "/v1/models/digits:predict", "/v2/models/digits/infer"])
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("abcde", "cannot be 1 more than a multiple of 4"),
        ("%%%", "Only base64 data is allowed"),
        ("ab=cd", "padding"),
        ("é", "can't encode"),
        ("b'aGVsbG8='", "call decode()"),
        ("data:image/svg+xml,%3Csvg", "The data URL must be base64"),
    ],
)
def test_what_is_no_base64_is_refused_with_the_reason(ask, protocol, text, why):
    status, document = ask(protocol, text)
    assert status == 400
    assert why in document.get("detail", document.get("error"))
