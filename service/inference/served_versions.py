"""The versions of a model that a worker serves: the one everybody gets, and perhaps a canary beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from models.inference.contract import Contract
from service.inference.canary import bucket
from service.observability.metrics import Metrics

SERVED, CANARY, READER = "served", "canary", "numbers"
"""The roles of a version: of the model of digits, of its canary, and of the model of numbers."""


class Version(Protocol):
    """A loaded version of a model."""

    contract: Contract
    version: int


class HasVersion(Protocol):
    """A predictor, whichever its model is."""

    @property
    def model(self) -> Version:
        """Return the version that answers."""


Predicting = TypeVar("Predicting", bound=HasVersion)


class ServedVersions(Generic[Predicting]):
    """Holds the predictor of each role.

    Args:
        model: the version to serve first.
        predictor: makes the predictor of a version in a role, warmed.
        metrics: counts swaps.
        role: of the version that everybody gets, SERVED or READER.
        canary_share: percent of the requests that the canary answers.

    Attributes:
        served: predictor of the version that is served.
        canary: predictor of the canary; None while there is none.
    """

    def __init__(
        self,
        model: Version,
        predictor: Callable[[Any, str], Predicting],
        metrics: Metrics,
        role: str = SERVED,
        canary_share: int = 0,
    ) -> None:
        self._predictor = predictor
        self._metrics = metrics
        self._canary_share = canary_share
        self.served = predictor(model, role)
        self.canary: Predicting | None = None
        metrics.serving(model.version, role)

    def version(self, role: str) -> int:
        """Return the version in a role; 0 for none."""
        predictor = self.canary if role == CANARY else self.served
        return predictor.model.version if predictor else 0

    def replace(self, role: str, model: Version) -> None:
        """Warm another version and give it a role. Requests in progress keep the version that they began with."""
        predictor = self._predictor(model, role)
        if role == CANARY:
            self.canary = predictor
        else:
            self.served = predictor
        self._metrics.serving(model.version, role)

    def drop_canary(self) -> None:
        """Serve without a canary."""
        self.canary = None
        self._metrics.serving(0, CANARY)

    def choose(self, version: str | None, routing_key: str) -> Predicting:
        """Choose who answers a request: the canary if it has the version asked for, or if the key is in its share."""
        canary = self.canary
        if canary is None:
            return self.served
        if version:
            return canary if version == str(canary.model.version) else self.served
        return canary if bucket(routing_key) < self._canary_share else self.served
