"""The service under a path of a site, behind nginx as docs/operations.md says."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import numpy as np
import pytest
import requests
import tritonclient.http as triton

from service.client import Client
from tests import serving
from tests.deploy.nginx import documented_locations, site

SEVEN = serving.ROOT / "docs" / "seven.png"
NUMBER = serving.ROOT / "docs" / "number.png"


@pytest.fixture(scope="module")
def under(tmp_path_factory: pytest.TempPathFactory, url: str) -> Iterator[str]:
    """Yield the service's address under a path, without a slash at its end."""
    with site(tmp_path_factory.mktemp("nginx"), documented_locations(url)) as address:
        yield f"{address}/digits"


@pytest.mark.parametrize("path", ["", "/", "/docs"])
def test_everything_that_a_page_names_is_there(under: str, path: str) -> None:
    page = requests.get(f"{under}{path}", timeout=10)
    named = [name for name in re.findall(r'(?:href|src)="([^"#]+)"', page.text) if not name.startswith("http")]
    assert len(named) > 3
    for name in named:
        address = urljoin(page.url, name)
        assert address.startswith(f"{under}/")
        assert requests.get(address, timeout=10).status_code == 200, address


def test_the_description_says_where_it_lies(under: str) -> None:
    address = f"{under}/openapi.json"
    (server,) = requests.get(address, timeout=10).json()["servers"]
    assert urljoin(address, server["url"]) == f"{under}/"


def test_headers_name_addresses_under_the_path(under: str) -> None:
    several = requests.post(
        f"{under}/predict", data=NUMBER.read_bytes(), headers={"Content-Type": "image/png"}, timeout=10
    )
    (target,) = re.findall("<(.*)>", several.headers["Link"])
    assert urljoin(several.url, target) == f"{under}/read"
    correction = {"label": 7, "image": base64.b64encode(SEVEN.read_bytes()).decode()}
    client = {"X-Forwarded-For": "198.51.100.8"}
    kept = requests.post(f"{under}/corrections", json=correction, headers=client, timeout=10)
    place = urljoin(kept.url, kept.headers["Location"])
    assert place == f"{under}/corrections/{kept.json()['id']}"
    assert requests.delete(place, headers=client, timeout=10).status_code == 204


@pytest.mark.parametrize("end", ["", "/"])
def test_clients_take_the_path_into_their_address(under: str, end: str) -> None:
    with Client(under + end) as client:
        assert client.predict(SEVEN).digit == 7
        assert client.read(NUMBER).number == "4071"
        assert [reading.number for reading in client.read_many([NUMBER, SEVEN], None)] == ["4071", "7"]
        assert next(iter(client.predict_many([SEVEN]))).digit == 7


def test_tritonclient_takes_it_too(under: str) -> None:
    digits = np.zeros((1, 28, 28), np.uint8)
    digits[0, 4:24, 13:16] = 255
    image = triton.InferInput("image", digits.shape, "UINT8")
    image.set_data_from_numpy(digits)
    with triton.InferenceServerClient(under.removeprefix("http://")) as client:
        assert client.is_server_ready()
        assert client.infer("digits", [image]).as_numpy("label").tolist() == [1]
