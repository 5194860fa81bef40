"""Keys of requests that are sent again."""

import pytest

from models.errors import MalformedRequest
from service.protocols import idempotency_key

UUID = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.mark.parametrize(
    ("header", "key"),
    [("", ""), (UUID, UUID), (f'"{UUID}"', UUID), ('"a key"', "a key"), ("k" * 255, "k" * 255)],
)
def test_a_key_is_read_with_and_without_quotation_marks(header, key):
    assert idempotency_key.parse(header) == key


@pytest.mark.parametrize("header", ['""', '"', '"a', 'a"b', "k" * 256, "caf\xe9", "a\tb", "a\0"])
def test_what_is_no_key_is_refused(header):
    with pytest.raises(MalformedRequest, match=r"1 to 255 printable ASCII characters, such as a UUID") as refused:
        idempotency_key.parse(header)
    assert refused.value.code == "bad_idempotency_key"
