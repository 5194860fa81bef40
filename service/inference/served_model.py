"""One of the models that are served: its store, its versions in memory, and who follows its labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from models.registry.store import Store
from service.inference.reloader import Reloader
from service.inference.served_versions import Predicting, ServedVersions


class ServedModel(Generic[Predicting]):
    """A model by its name.

    Args:
        name: of the model.
        store: where its versions are.
        label: label or number of the version that everybody gets.
        versions: those in memory.
        reloaders: follow the label, and perhaps that of the canary.

    Attributes:
        name, store, label, versions: as given.
        reloader: of the version that everybody gets.
    """

    def __init__(
        self, name: str, store: Store, label: str, versions: ServedVersions[Predicting], reloaders: Sequence[Reloader]
    ) -> None:
        self.name = name
        self.store = store
        self.label = label
        self.versions = versions
        self.reloader = reloaders[0]
        self._reloaders = reloaders

    @property
    def version(self) -> int:
        """Return the version that everybody gets."""
        return self.versions.served.model.version

    def start(self) -> None:
        """Begin to follow the labels."""
        for reloader in self._reloaders:
            reloader.start(self.versions)

    def close(self) -> None:
        """Stop following the labels."""
        for reloader in self._reloaders:
            reloader.close()
