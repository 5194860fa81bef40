from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image

from model_training.__main__ import main
from model_training.data import dataset, mnist
from models.inference.digit_model import DigitModel
from models.registry import artifact
from models.registry.store import ARTIFACTS, Store
from service import create_app
from service.config import Config, networks
from service.services import Services
from tests import serving
from tests.textbook import NUMBERS, STORE

PROXIES = "127.0.0.1"
"""A test may name another client in X-Forwarded-For, so that the limits of one are not those of all tests."""


@pytest.fixture(scope="session")
def splits() -> dataset.Splits:
    """Load MNIST."""
    return dataset.split(mnist.load())


@pytest.fixture(scope="session")
def model() -> DigitModel:
    """Load the textbook CNN as the service does by default."""
    return artifact.load(Store(ARTIFACTS / "digits").resolve(1), Config().precision)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of version 1 and return its directory."""
    directory = tmp_path_factory.mktemp("reports") / "1"
    assert main(["report", "1", "--to", str(directory), "--quiet", "--json"]) == 0
    return directory


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of the database in which the services under test keep corrections."""
    return f"sqlite:///{tmp_path_factory.mktemp('corrections')}/kept/corrections.db"


@pytest.fixture(scope="session")
def client(database_url: str) -> FlaskClient:
    """Create a client of the Flask application, without a server."""
    config = Config(models=STORE, numbers=NUMBERS, database_url=database_url, trusted_proxies=networks("", PROXIES))
    return create_app(Services(config)).test_client()


@pytest.fixture(scope="session")
def url(database_url: str) -> Iterator[str]:
    """Start the real service and yield its address."""
    with serving.service(DIGITS_DATABASE_URL=database_url, DIGITS_TRUSTED_PROXIES=PROXIES) as (url, _):
        yield url


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """encode(image, format="PNG", **options) -> bytes of an image file, of pixels or a Pillow image."""

    def encode(image: NDArray[np.uint8] | Image.Image, format: str = "PNG", **options: object) -> bytes:
        buffer = io.BytesIO()
        (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, format, **options)
        return buffer.getvalue()

    return encode
