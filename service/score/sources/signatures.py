"""What a file is, by its first bytes."""

from __future__ import annotations

PICTURE, ZIP, TAR, IDX, PARQUET, PDF, TIFF, GZIP = (
    "picture", "zip archive", "tar archive", "IDX file", "Parquet file", "PDF", "TIFF", "gzip file",
)  # fmt: skip
LENGTH = 1024
"""Bytes that are looked at. A PDF may begin with some others."""
_BEGINNINGS = {
    b"PK\3\4": ZIP,
    b"PK\5\6": ZIP,
    b"PAR1": PARQUET,
    b"II*\0": TIFF,
    b"MM\0*": TIFF,
    b"II+\0": TIFF,
    b"MM\0+": TIFF,
    b"\x1f\x8b": GZIP,
}
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff")
"""What most pictures begin with."""
_IDX_TYPES = (8, 9, 11, 12, 13, 14)


def kind_of(start: bytes) -> str:
    """Tell what a file is; what is nothing else may be a picture."""
    if start.startswith(_PICTURES):
        return PICTURE
    for beginning, kind in _BEGINNINGS.items():
        if start.startswith(beginning):
            return kind
    if start[257:262] == b"ustar":
        return TAR
    if len(start) >= 4 and start[:2] == b"\0\0" and start[2] in _IDX_TYPES and 1 <= start[3] <= 4:
        return IDX
    return PDF if b"%PDF-" in start else PICTURE
