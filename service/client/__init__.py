"""The client for Python programs: `from service.client import Client`."""

from service.client.answers import Prediction, ReadDigit, Reading, ReadLine
from service.client.client import BATCH, Client
from service.client.errors import Refused, ServiceError, ServiceUnreachable

__all__ = [
    "BATCH", "Client", "Prediction", "ReadDigit", "ReadLine", "Reading", "Refused", "ServiceError", "ServiceUnreachable"
]  # fmt: skip
