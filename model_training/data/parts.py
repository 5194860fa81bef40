"""The parts into which people divide their files themselves, by the names of folders."""

from __future__ import annotations

from collections.abc import Iterable

PARTS = ("train", "validation", "test")
NAMES = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
"""Names of folders, in lower case -> the part that they are."""


def is_part(folder: str) -> bool:
    """Tell whether a folder is named like a part."""
    return folder.lower() in NAMES


def of_folders(folders: Iterable[str]) -> str:
    """Return the part of a file by the folders above it, of which the nearest counts; empty if none names a part."""
    named = [NAMES[folder.lower()] for folder in folders if is_part(folder)]
    return named[-1] if named else ""
