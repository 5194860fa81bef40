"""What is in an archive: pictures, and files of several pictures, each of which is read into memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.errors import RequestError, UnusableInput
from service.score.sources import idx, pdf, signatures, tiff
from service.score.sources.source import Picture
from service.score.sources.tools import Tools

_LEFT_OUT = re.compile(r"^$|/$|(?:^|/)(?:\.(?!\.?/)|__MACOSX/|(?:Thumbs\.db|desktop\.ini)$)")
"""Names of folders, and of what systems leave beside files. `tar cf a.tar .` puts ./ before all names."""


def is_picture(name: str) -> bool:
    """Tell whether a member is to be read."""
    return not _LEFT_OUT.search(name)


def pictures(path: str, content: bytes, tools: Tools) -> Iterator[Picture]:
    """Take the pictures out of a member.

    Args:
        path: of the archive and the member.
        content: of the member, whole.
        tools: to read with.
    """
    kind = signatures.kind_of(content[: signatures.LENGTH])
    try:
        if kind == signatures.PDF:
            yield from pdf.pages(path, content, tools)
        elif kind == signatures.TIFF:
            yield from tiff.pages(path, content)
        elif kind == signatures.IDX:
            yield from idx.pictures(path, content, tools)
        elif kind == signatures.PICTURE:
            yield Picture(path, None, content)
        else:
            raise UnusableInput("unsupported_archive", f"The member is a {kind} itself; unpack the archive around it.")
    except RequestError as error:
        yield Picture(path, None, error)
