"""What reading any kind of file may need."""

from __future__ import annotations

from typing import NamedTuple

from service.config import Config
from service.score.rendering.renderer import Renderer


class Tools(NamedTuple):
    """What reading any kind of file may need.

    Attributes:
        config: limits on bytes and pixels of a picture.
        renderer: of PDF pages.
    """

    config: Config
    renderer: Renderer
