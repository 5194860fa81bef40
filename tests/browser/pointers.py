"""Draw with a mouse, fingers or a pen, through the browser's own input events."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Page

from tests.browser.digits import Stroke


class Pointer(Protocol):
    def draw(self, stroke: Stroke) -> None:
        """Press at the first point, move through the others, and lift. In CSS pixels."""


class Mouse:
    def __init__(self, page: Page) -> None:
        self._mouse = page.mouse

    def draw(self, stroke: Stroke) -> None:
        self._mouse.move(*stroke[0])
        self._mouse.down()
        for point in stroke[1:]:
            self._mouse.move(*point)
        self._mouse.up()


class Fingers:
    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def draw(self, stroke: Stroke) -> None:
        self.touch("touchStart", stroke[0])
        for point in stroke[1:]:
            self.touch("touchMove", point)
        self.touch("touchEnd")

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """Send one event with all fingers that are down, the first finger first."""
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


class Pen:
    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def draw(self, stroke: Stroke, force: float) -> None:
        """Draw like `Pointer.draw`, pressing with a force of 0..1."""
        self._send("mousePressed", stroke[0], force)
        for point in stroke[1:]:
            self._send("mouseMoved", point, force)
        self._send("mouseReleased", stroke[-1], 0)

    def _send(self, kind: str, point: tuple[float, float], force: float) -> None:
        event = {"type": kind, "x": point[0], "y": point[1], "force": force, "pointerType": "pen"}
        self._session.send("Input.dispatchMouseEvent", event | {"button": "left", "buttons": 1, "clickCount": 1})
