"""What runs in a process of its own: one request after the other, each within limits."""

from __future__ import annotations

import logging
import os
import socket
import traceback

import cv2
from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401

from models.images import iso_media
from service.config import Config
from service.sandbox import limits, messages, reading
from service.sandbox.messages import BadMessage, Message

PIXEL_BYTES = 8
"""Bytes that decoding a pixel takes, with all copies: as a progressive CMYK JPEG. AVIF and HEIC take up to one more,
of what reading takes besides."""
OTHER_BYTES = 32 << 20
"""Bytes that reading takes besides the pixels and the body."""
BODY_COPIES = 3
"""How often a body may be in memory: as it came, decompressed, and its parts."""


def prepare() -> None:
    """Load what reading needs, and silence libraries: one TIFF can have them write 100,000 lines."""
    limits.stand_back()
    cv2.setNumThreads(1)
    Image.preinit()  # TIFF and WebP are not among them
    iso_media.load_decoders()
    logging.disable()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def run(channel: socket.socket, config: Config) -> None:
    """Answer requests until the worker closes the channel, or this process has taken much memory."""
    start = limits.peak_memory()
    limits.limit_memory(OTHER_BYTES + PIXEL_BYTES * config.max_pixels + BODY_COPIES * config.max_bytes)
    last = False
    while not last:
        try:
            message, file = messages.receive(channel, 2 * config.max_bytes)
        except BadMessage:
            return
        limits.limit_processor(message.document["seconds"])
        answer = _answer(message, file, config)
        limits.limit_processor(0)
        last = limits.peak_memory() > start + limits.KEPT_MEMORY
        messages.send(channel, Message(answer.document | {"last": last}, answer.data))


def _answer(message: Message, file: int | None, config: Config) -> Message:
    try:
        return reading.answer(message, file, config)
    except MemoryError:
        return Message({"too_costly": True})
    except Exception:
        return Message({"failed": traceback.format_exc()})
