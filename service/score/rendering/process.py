"""What runs in a process that renders: one page after the other, each within limits."""

from __future__ import annotations

import os
import socket
from typing import Any

import cv2
import pypdfium2 as pdfium

from service.config import Config
from service.sandbox import limits, messages
from service.sandbox.messages import BadMessage, Message
from service.sandbox.process import OTHER_BYTES, PIXEL_BYTES

RESOLUTION = 300 / 72
"""Pixels a point: those of a good scan."""
LONGEST_SIDE = 2600
"""Pixels of a page, at most: as many as a picture of numbers is read with."""
MOST_REQUEST = 1 << 16
"""Bytes of a request."""


def run(channel: socket.socket, config: Config) -> None:
    """Answer requests until nobody holds the other end of the channel, or this process has taken much memory."""
    start = limits.peak_memory()
    limits.limit_memory(OTHER_BYTES + PIXEL_BYTES * config.max_pixels)
    last = False
    while not last:
        try:
            message, file = messages.receive(channel, MOST_REQUEST)
        except BadMessage:
            return
        limits.limit_processor(message.document["seconds"])
        answer = _answer(message.document["page"], file if file is not None else -1)
        limits.limit_processor(0)
        last = limits.peak_memory() > start + limits.KEPT_MEMORY
        messages.send(channel, Message(answer.document | {"last": last}, answer.data))


def _answer(page: int | None, file: int) -> Message:
    try:
        with os.fdopen(file, "rb") as opened, pdfium.PdfDocument(opened) as document:
            if page is None:
                return Message({"pages": len(document)})
            document.init_forms()  # what was typed into a form is no part of its pages
            return Message({}, _render(document[page - 1]))
    except MemoryError:
        return Message({"too_costly": True})
    except (pdfium.PdfiumError, IndexError, OSError, ValueError) as error:
        if "password" in str(error).lower():
            return Message({"error": ["encrypted_file", "The PDF needs a password; save it without one."]})
        return Message({"error": ["damaged_file", f"The PDF cannot be rendered: {error}"]})


def _render(page: Any) -> bytes:
    scale = min(RESOLUTION, LONGEST_SIDE / max(*page.get_size(), 1))
    pixels = page.render(scale=scale).to_numpy()
    png: bytes = cv2.imencode(".png", pixels, (cv2.IMWRITE_PNG_COMPRESSION, 1))[1].tobytes()
    return png
