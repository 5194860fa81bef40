"""The versions of a model on disk, and the labels that point at them."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from models.errors import ArtifactCorrupt, ArtifactMissing, StoreUnwritable
from models.registry.contract import CONTRACT_FILE, read_bounded
from models.registry.staging import move_into_place, replace_file, stage_directory, write_lock

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
LABELS = ("stable", "canary")
EARLIER = "earlier"
"""Key of `labels.json` beside the labels: the versions that were stable before, newest last."""
MAX_LABELS = 1 << 20
"""Bytes of `labels.json`."""
REMEMBERED = 100
"""Most versions under EARLIER, since every worker reads the file four times a second."""


class Store:
    """A directory of numbered versions, `1/ 2/ 3/ ...`, and `labels.json`.

    TensorFlow Serving reads the same layout. Writers wait for each other, in other processes too; readers wait for
    nobody, and may have the store mounted read-only.

    Args:
        root: for example `models/artifacts/digits`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def versions(self) -> list[int]:
        """List every complete version, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(
            int(path.name)
            for path in self.root.iterdir()
            if path.name.isdecimal() and (path / CONTRACT_FILE).is_file()
        )  # fmt: skip

    def labels(self) -> dict[str, int | None]:
        """Read which version each label points at; None where it points at none.

        Raises:
            ArtifactCorrupt: `labels.json` does not parse, or holds something other than labels and versions.
            ArtifactMissing: `labels.json` cannot be read.
        """
        return self._read()[0]

    def resolve(self, which: str | int = "stable") -> Path:
        """Find the directory of a version or of a label.

        Raises:
            ArtifactMissing: there is no such version, or the label points at none.
            ArtifactCorrupt: `labels.json` does not parse.
        """
        version = self.labels().get(which) if which in LABELS else which
        if version is None or not str(version).isdecimal() or int(version) not in self.versions():
            known = ", ".join(map(str, self.versions())) or "none; train one with `make train`"
            raise ArtifactMissing(f"{self.root}: no {which}; versions there: {known}")
        return self.root / str(int(version))

    def publish(self, artifact: Path) -> int:
        """Copy an artifact into the store as the next version, whole or not at all.

        Returns:
            The number of the version.

        Raises:
            StoreUnwritable: the artifact cannot be copied; the store is as it was.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with write_lock(self.root):
                taken = [int(path.name) for path in self.root.iterdir() if path.name.isdecimal()]
                version = max(taken, default=0) + 1
                self._copy(artifact, self.root / str(version))
        except OSError as error:
            raise StoreUnwritable(
                f"{self.root}: no version can be written ({_reason(error)}); mend that, copy {artifact} there under "
                "the next free number and promote it"
            ) from error
        return version

    def _copy(self, artifact: Path, home: Path) -> None:
        staging = stage_directory(self.root)
        try:
            shutil.copytree(artifact, staging, dirs_exist_ok=True)
            move_into_place(staging, home)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def promote(self, version: int, label: str = "stable") -> int | None:
        """Point a label at a version, in one step, and remember which version was stable before.

        Returns:
            The version that the label pointed at before.

        Raises:
            ArtifactMissing: there is no such version.
            StoreUnwritable: the labels cannot be written; they are as they were.
        """
        self.resolve(version)
        with self._moving_labels():
            return self._promote(version, label)

    def promote_if(self, version: int, better_than: Callable[[int | None], bool]) -> bool:
        """Point `stable` at a version if it is better than the stable one; nobody moves the label in between.

        Args:
            version: to promote.
            better_than: called with the version that is stable.

        Raises:
            ArtifactMissing: there is no such version.
            StoreUnwritable: the labels cannot be written; they are as they were.
        """
        self.resolve(version)
        with self._moving_labels():
            if better := better_than(self.labels()["stable"]):
                self._promote(version, "stable")
            return better

    def _promote(self, version: int, label: str) -> int | None:
        labels, earlier = self._read()
        stable = labels["stable"]
        if label == "stable" and stable is not None and stable != version:
            earlier = [*earlier, stable]
        self._write(labels | {label: version}, earlier)
        return labels[label]

    def rollback(self, check: Callable[[Path], object] = lambda directory: None) -> int:
        """Point `stable` at the version that was stable before, in one step; skip versions that are gone.

        Args:
            check: called with the version's directory before the label moves; what it raises keeps the label.

        Returns:
            The version that is stable now.

        Raises:
            ArtifactMissing: no version that is still there was stable before.
            StoreUnwritable: the labels cannot be written; they are as they were.
        """
        with self._moving_labels():
            labels, earlier = self._read()
            versions = self.versions()
            candidates = [version for version in earlier if version in versions and version != labels["stable"]]
            if not candidates:
                raise ArtifactMissing(
                    f"{self.root}: no version that is there was stable before {labels['stable']}; "
                    f"promote one of {', '.join(map(str, versions)) or 'none'} by its number"
                )
            *earlier, version = candidates
            check(self.root / str(version))
            self._write(labels | {"stable": version}, earlier)
        return version

    def _read(self) -> tuple[dict[str, int | None], list[int]]:
        """Read the labels, and the versions that were stable before."""
        path = self.root / "labels.json"
        labels: dict[str, int | None] = dict.fromkeys(LABELS)
        if not path.exists():
            return labels, []
        try:
            document = json.loads(read_bounded(path, MAX_LABELS))
        except OSError as error:
            raise ArtifactMissing(
                f"{path}: cannot be read ({error.strerror}); let the service's user read it"
            ) from error
        except (ValueError, RecursionError) as error:
            raise ArtifactCorrupt(f"{path}: not valid JSON ({error}); restore the file") from error
        if not isinstance(document, dict) or not document.keys() <= {*LABELS, EARLIER}:
            raise ArtifactCorrupt(f"{path}: must be an object with the keys {', '.join(LABELS)} and {EARLIER}")
        earlier = document.pop(EARLIER, [])
        if not isinstance(earlier, list) or not all(type(version) is int for version in earlier):
            raise ArtifactCorrupt(f"{path}: {EARLIER} must be a list of version numbers")
        if not all(value is None or type(value) is int for value in document.values()):
            raise ArtifactCorrupt(f"{path}: each label must be a version number or null")
        return labels | document, earlier

    def _write(self, labels: dict[str, int | None], earlier: list[int]) -> None:
        document = {**labels, EARLIER: earlier[-REMEMBERED:]}
        replace_file(self.root / "labels.json", json.dumps(document).encode() + b"\n")

    @contextlib.contextmanager
    def _moving_labels(self) -> Iterator[None]:
        """Keep other writers out while the labels are read and written."""
        try:
            with write_lock(self.root):
                yield
        except OSError as error:
            raise StoreUnwritable(
                f"{self.root / 'labels.json'}: cannot be written ({_reason(error)}); mend that, then try again"
            ) from error


def _reason(error: OSError) -> str:
    """Name the reason in the system's words, also where several files could not be copied."""
    several = isinstance(error, shutil.Error) and error.args[0]
    return str(several[0][2]) if several else str(error)
