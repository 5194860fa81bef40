"""The names that the service answers to."""

import pytest

from service.access.hosts import Hosts
from service.config import Config

LOCAL = [b"localhost", b"LOCALHOST:8000", b"localhost.", b"digits.localhost:80", b"127.0.0.1:8000", b"127.9.9.9"]
DOTLESS = [b"digits", b"digits:8000", b"evillocalhost"]
ADDRESSES = [b"[::1]:8000", b"[::1]", b"10.1.2.3:8000", b"[fd00::7]:80"]
STRANGE = [
    b"evil.example",
    b"evil.example:8000",
    b"localhost.evil.example",
    b"127.0.0.1.evil.example",
]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_a_service_of_this_machine_answers_to_no_name_of_another_site(host):
    hosts = Hosts(Config(host=host))
    assert [name for name in LOCAL + ADDRESSES + DOTLESS if not hosts.allows(name)] == []
    assert [name for name in [*STRANGE, b"", b":8000", b"."] if hosts.allows(name)] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "digits.internal"])
def test_a_service_of_a_network_answers_to_any_name_unless_they_are_set(host):
    assert all(map(Hosts(Config(host=host)).allows, LOCAL + ADDRESSES + STRANGE))
    hosts = Hosts(Config(host=host, hosts=("digits.example", "*.lab")))
    assert all(map(hosts.allows, [*LOCAL, *ADDRESSES, b"Digits.Example:443", b"a.lab", b"a.b.lab"]))
    assert not any(map(hosts.allows, [*STRANGE, *DOTLESS, b"lab", b"a.digits.example", b"xlab"]))
