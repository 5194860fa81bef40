"""Follows a label of the store: a version that it is pointed at is served without a restart, if it is sound."""

from __future__ import annotations

import contextlib
import logging
import threading
from ctypes import c_int64
from pathlib import Path
from typing import NamedTuple, Protocol

from models.errors import ArtifactError
from models.inference.digit_model import DigitModel
from models.registry import artifact
from models.registry.store import LABELS, Store
from service.config import Config
from service.inference import malloc
from service.observability.metrics import Metrics

INTERVAL = 0.25
"""Seconds between two looks at the labels: a file of 30 bytes."""

log = logging.getLogger(__name__)


class Refused(NamedTuple):
    """What the label points at, and why it is not served."""

    version: int | None
    detail: str


class Served(Protocol):
    """Who serves a model; a Predictor is one."""

    @property
    def version(self) -> int:
        """That is served."""

    def serve(self, model: DigitModel) -> None:
        """Serve another from now on."""


class Follower:
    """Loads the model that a label or a number names, and each later one that the label is moved to.

    A new version is verified, loaded and warmed in a thread while the old one serves. One that is broken is refused:
    logged once, kept in `refused`, and tried again only when its files change.

    Args:
        store: whose label is followed; a version given by its number stays.
        config: its `version`, unless a label is given, and its `precision`.
        metrics: hear of every swap and refusal.
        last_good: the version that a worker served last, in memory that the workers share, so that one that starts
            while the label points at a broken version serves what its siblings serve; 0 for none.
        label: followed instead of `config.version`.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        metrics: Metrics,
        last_good: c_int64 | None = None,
        label: str | None = None,
    ) -> None:
        self._label = label or config.version
        self._role = label or "served"
        self.refused: Refused | None = None
        self._store = store
        self._config = config
        self._metrics = metrics
        self._last_good = c_int64() if last_good is None else last_good
        self._files: object = None  # of the version refused, as they were
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def first(self) -> DigitModel:
        """The model to begin with.

        Raises:
            ArtifactError: it must not be served, and no worker has served another.
        """
        try:
            model = artifact.load(self._store.resolve(self._label), self._config.precision)
        except ArtifactError as error:
            if not self._last_good.value:
                raise
            self._refuse(error)
            model = artifact.load(self._store.resolve(self._last_good.value), self._config.precision)
        self._last_good.value = model.version
        self._metrics.serving(model.version, self._role)
        return model

    def start(self, served: Served) -> None:
        """Keep who serves a model up to date, in a thread, until `close`."""
        if self._label in LABELS:
            self._thread = threading.Thread(target=self._follow, args=(served,), name="follower", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def look(self, serving: int) -> DigitModel | None:
        """The model that must take over, if the label points at another version than is served, and at a sound one."""
        try:
            directory = self._store.resolve(self._label)
            if int(directory.name) == serving:
                self._accept()
                return None
            if self.refused and self._files == _state(directory):
                return None
            model = artifact.load(directory, self._config.precision)
        except ArtifactError as error:
            self._refuse(error)
            return None
        self._accept()
        self._last_good.value = model.version
        return model

    def _accept(self) -> None:
        self.refused = None
        self._metrics.refused(False, self._role)

    def _follow(self, served: Served) -> None:
        swapped = False
        while not self._stopped.wait(INTERVAL):
            if swapped:  # an interval ago, so that nobody holds the old model any more
                malloc.give_back()
            swapped = False
            try:
                if model := self.look(served.version):
                    served.serve(model)
                    self._metrics.serving(model.version, self._role)
                    swapped = True
                    log.warning("version %d is %s now", model.version, self._role)
                    del model  # or it would be held until the next
            except Exception:
                log.exception("following %s failed; it is tried again", self._label)

    def _refuse(self, error: ArtifactError) -> None:
        """Remember why the label is not followed; say so once."""
        version = None
        with contextlib.suppress(ArtifactError):
            version = self._store.labels().get(self._label)
        self._files = _state(self._store.root / str(version))
        refused = Refused(version, str(error))
        if refused != self.refused:
            log.error("%s is not served: %s", self._label, error)
        self.refused = refused
        self._metrics.refused(True, self._role)


def _state(directory: Path) -> object:
    """Equal as long as nobody touches the directory's files."""
    try:
        return sorted((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in directory.rglob("*"))
    except OSError:
        return None
