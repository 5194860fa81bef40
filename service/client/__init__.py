"""The client for Python programs: `from service.client import Client`."""

from service.client.client import (
    BATCH,
    Client,
    Prediction,
    Refused,
    ServiceError,
    ServiceUnreachable,
)

__all__ = ["BATCH", "Client", "Prediction", "Refused", "ServiceError", "ServiceUnreachable"]
