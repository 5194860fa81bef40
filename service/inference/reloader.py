"""Follows a label of the store: a version that the label is moved to is served without a restart, if it is sound."""

from __future__ import annotations

import contextlib
import errno
import logging
import threading
from collections.abc import Callable
from ctypes import c_int64
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from models.errors import ArtifactError, DigitsError
from models.registry.store import LABELS, Store
from service.inference import malloc
from service.inference.served_versions import CANARY, SERVED, ServedVersions, Version
from service.observability.metrics import Metrics

INTERVAL = 0.25
"""Seconds between two looks at the labels, a file of 30 bytes."""

NO_FILES = (errno.EMFILE, errno.ENFILE)
"""Errors of a process that may open no more files."""

log = logging.getLogger(__name__)


class Refused(NamedTuple):
    """The version that the label points at, and why it is not served, as anybody may know it."""

    version: int | None
    detail: str


class Files(Protocol):
    """A version's files, read and verified."""

    @property
    def directory(self) -> Path:
        """Return where the files were."""

    def load(self) -> Any:
        """Build the Version.

        Raises:
            ArtifactError: it must not be served.
        """


ReadFiles = Callable[[Path, str], Files]
"""Reads the files of a version from its directory, for a precision; raises ArtifactError."""


class Fallback(NamedTuple):
    """What a worker serves if the label points at a broken version when it starts.

    Attributes:
        last_good: version that a worker loaded last, in shared memory; 0 before the first.
        files: a version that the master read before it forked; it is served even if its files are gone by now.
    """

    last_good: c_int64
    files: Files | None = None


class Reloader:
    """Loads the version that a label or a number names, and each later version that the label is moved to.

    A new version is verified, loaded and warmed in a thread while the old one serves. One that is broken is refused:
    logged once, kept in `refused`, and tried again only when its files change.

    Args:
        store: its labels are followed.
        read: reads a version's files.
        label: label or number of a version; a number is not followed.
        role: the role that its version gets.
        precision: arithmetic of the engine.
        metrics: counts refusals.
        fallback: what to serve if the first version is broken; None to serve nothing then.

    Attributes:
        refused: the version that is refused; None if there is none.
    """

    def __init__(
        self,
        store: Store,
        read: ReadFiles,
        label: str,
        *,
        precision: str,
        metrics: Metrics,
        role: str = SERVED,
        fallback: Fallback | None = None,
    ) -> None:
        self.refused: Refused | None = None
        self._store = store
        self._read = read
        self._label = label
        self._role = role
        self._precision = precision
        self._metrics = metrics
        self._fallback = fallback or Fallback(c_int64())
        self._refused_files: object = None  # state of the refused version's files
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def load_first(self) -> Version:
        """Load the version to begin with.

        Raises:
            ArtifactError: it must not be served, and there is no fallback.
        """
        try:
            directory, files = self._store.resolve(self._label), self._fallback.files
            if files and files.directory == directory:  # workers share the master's bytes
                model: Version = files.load()
            else:
                model = self._load(directory)
        except ArtifactError as error:
            model = self._load_fallback(error)
            self._refuse(error)
        self._fallback.last_good.value = model.version
        return model

    def start(self, models: ServedVersions[Any]) -> None:
        """Follow the label in a thread until `close`."""
        if self._label in LABELS:
            self._thread = threading.Thread(target=self._follow, args=(models,), name="reloader", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop following the label."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def check(self, models: ServedVersions[Any]) -> bool:
        """Look at the label once. Return whether another version was taken over."""
        try:
            if self._role == CANARY and self._is_unset():
                if models.canary:
                    models.drop_canary()
                self._accept()
                return False
            directory = self._store.resolve(self._label)
            if int(directory.name) == models.version(self._role):
                self._accept()
                return False
            if self.refused and self._refused_files == _state(directory):
                return False
            model = self._load(directory)
            models.replace(self._role, model)
        except Exception as error:  # whatever a broken version raises, the old one serves on
            if not _is_short_of_files(error):  # that says nothing of the version: look again
                self._refuse(error)
            return False
        self._accept()
        self._fallback.last_good.value = model.version
        role = CANARY if self._role == CANARY else SERVED
        log.warning("%s: version %d is %s now", model.contract.name, model.version, role)
        return True

    def _load_fallback(self, error: ArtifactError) -> Version:
        if version := self._fallback.last_good.value:
            with contextlib.suppress(ArtifactError):
                return self._load(self._store.resolve(version))
        if self._fallback.files is None:
            raise error
        model: Version = self._fallback.files.load()
        return model

    def _load(self, directory: Path) -> Version:
        model: Version = self._read(directory, self._precision).load()
        return model

    def _is_unset(self) -> bool:
        return self._store.labels()[self._label] is None

    def _follow(self, models: ServedVersions[Any]) -> None:
        swapped = False
        while not self._stopped.wait(INTERVAL):
            if swapped:  # an interval ago, so that no request uses the old version any more
                malloc.release_free_memory()
            swapped = self.check(models)

    def _accept(self) -> None:
        self.refused = None
        self._metrics.refused(False, self._role)

    def _refuse(self, error: Exception) -> None:
        """Remember why the label's version is not served, and log it once."""
        version = None
        with contextlib.suppress(ArtifactError):
            version = self._store.labels().get(self._label)
        self._refused_files = _state(self._store.root / str(version))
        refused = Refused(version, _publish(error, self._store.root))
        if refused != self.refused:
            detail = str(error) if isinstance(error, DigitsError) else f"{type(error).__name__}: {error}"
            log.error("%s is not served: %s", self._label, detail)
        self.refused = refused
        self._metrics.refused(True, self._role)


def _publish(error: Exception, root: Path) -> str:
    """Write what anybody may know of an error; where the store is, and what a library says, is for the log."""
    if not isinstance(error, DigitsError):
        return "It cannot be loaded; the service's log says why."
    text = str(error)
    for words in filter(None, (repr(error.__cause__), str(error.__cause__))) if error.__cause__ else ():
        text = text.replace(words, "the service's log says why")
    return text.replace(f"{root}/", "").replace(str(root), "the store")


def _is_short_of_files(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, comes of too many open files."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_FILES:
            return True
        error = error.__cause__ or error.__context__
    return False


def _state(directory: Path) -> object:
    """Return a value that changes when a file of the directory does."""
    try:
        return sorted((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in directory.rglob("*"))
    except OSError:
        return None
