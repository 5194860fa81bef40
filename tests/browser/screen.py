"""The page on one screen, with the pointer that draws on it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, Route

from tests.browser import digits
from tests.browser.digits import Point, Stroke
from tests.browser.pointers import Pointer

PREDICT = "**/predict?*"
READ = "**/read"


class Screen:
    """
    Attributes:
        page: open at the service's page.
        pointer: draws on it.
        complaints: messages of the browser's console, and requests to other hosts. Must be empty at the end.
    """

    def __init__(self, page: Page, pointer: Pointer, url: str) -> None:
        self.page, self.pointer = page, pointer
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._check(request.url, url))
        page.goto(f"{url}/")

    def _check(self, asked: str, url: str) -> None:
        if not asked.startswith((f"{url}/", "data:", "blob:")):
            self.complaints.append(f"request to another host: {asked}")

    def forgive_failed_requests(self) -> None:
        """Drop the browser's messages about failures that a test provokes."""
        self.complaints = [text for text in self.complaints if "Failed to load resource" not in text]

    @property
    def status(self) -> Locator:
        """The live region."""
        return self.page.get_by_role("status")

    @property
    def words(self) -> Locator:
        """The text beside the digit."""
        return self.page.locator(".words")

    def draw(self, strokes: list[Stroke], left: float = 0, top: float = 0, size: float = 1) -> None:
        """Draw strokes of a unit square into a square of the pad, whose own side is 1."""
        self.page.locator("#pad").scroll_into_view_if_needed()
        for stroke in strokes:
            self.pointer.draw([self.on_pad(left + size * x, top + size * y) for x, y in stroke])

    def write(self, digit: int, left: float = 0, top: float = 0, size: float = 1) -> None:
        self.draw(digits.strokes(digit), left, top, size)

    def write_number(self, number: str, left: float = 0, top: float = 0.25, size: float = 0.5) -> None:
        """Write the digits of a number side by side, each in a square of the pad."""
        for place, digit in enumerate(number):
            self.write(int(digit), left + place * size, top, size)

    @property
    def number(self) -> Locator:
        """The digits of a number in the answer."""
        return self.page.get_by_role("listbox", name="Digits of the number", exact=True)

    def on_pad(self, x: float, y: float) -> Point:
        """Turn a point of the pad, 0..1, into CSS pixels of the page."""
        box = self.page.locator("#pad").bounding_box()
        assert box
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def ink_at(self, x: float, y: float) -> list[int]:
        """Read red, green, blue and alpha at a point of the pad; alpha is 0 without ink."""
        return self.page.locator("#pad").evaluate(
            """(canvas, [x, y]) => {
                const point = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
                point.drawImage(canvas, -x * canvas.width, -y * canvas.height);
                return [...point.getImageData(0, 0, 1, 1).data];
            }""",
            [x, y],
        )

    def answer_with(self, **parts: Any) -> None:
        """Answer every request with one prediction: a confident 7, except for these parts."""
        prediction = {
            "digit": 7,
            "probabilities": [0, 0, 0.001, 0, 0, 0, 0, 0.997, 0, 0.002],
            "confidence": 0.997,
            "digit_score": 0.99,
            "accepted": "reason" not in parts,
            "reason": None,
            "canonical": None,
            "model": {"name": "digits", "version": 1},
            "request_id": "test",
        } | parts
        self.page.route(PREDICT, lambda route: route.fulfill(json=prediction))

    def hold_first_request(self) -> list[Route]:
        """Hold the first request back, in the list that is returned; later ones pass."""
        held: list[Route] = []
        self.page.route(PREDICT, lambda route: held.append(route), times=1)
        return held
