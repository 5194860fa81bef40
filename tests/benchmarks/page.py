"""python -m tests.benchmarks.page: measure the page's latency, its longest tasks and its frames in Chromium."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable

from playwright.sync_api import Browser, sync_playwright

from tests import serving
from tests.browser import chromium, digits
from tests.browser.pointers import Mouse
from tests.browser.screen import Screen

ROUNDS = 5
TASKS = {"RunTask", "ThreadControllerImpl::RunTask"}
CATEGORIES = ["toplevel"]
SETTLED = 300
"""Milliseconds without a change after which an answer is final."""
MEASURE_LATENCY = """() => {
    const pad = document.querySelector("#pad");
    let point = 0, change = 0;
    for (const kind of ["pointerdown", "pointermove"]) pad.addEventListener(kind, () => (point = performance.now()), true);
    const observer = new MutationObserver(() => (change = performance.now()));
    for (const part of [".verdict", ".bars", ".seen"]) {
        observer.observe(document.querySelector(part), { subtree: true, childList: true, attributes: true });
    }
    window.latency = (settled) => new Promise((resolve) => setTimeout(() => resolve(change - point), settled));
}"""
RECORD_FRAMES = """() => {
    const times = [];
    let on = true;
    const note = (now) => { times.push(now); if (on) requestAnimationFrame(note); };
    requestAnimationFrame(note);
    window.frames = () => { on = false; return times.slice(1).map((time, n) => time - times[n]); };
}"""


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="digits-") as folder,
        serving.service(DIGITS_DATABASE_URL=f"sqlite:///{folder}/corrections.db") as (url, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.arguments())
        behind = latencies(Screen(page := browser.new_page(), Mouse(page), url))
        print(f"last point to last change of the answer: median {statistics.median(behind):.0f} ms, "
              f"most {max(behind):.0f} ms, n = {len(behind)}")  # fmt: skip
        for what, milliseconds in longest_tasks(browser, url).items():
            print(f"longest task, {what}: {milliseconds:.0f} ms of CPU")
        for what, intervals in frames(browser, url).items():
            print(f"from frame to frame, {what}: median {statistics.median(intervals):.1f} ms, "
                  f"99 of 100 within {statistics.quantiles(intervals, n=100)[-1]:.1f} ms, n = {len(intervals)}")  # fmt: skip
        browser.close()


def latencies(screen: Screen) -> list[float]:
    """Measure the milliseconds from the last point to the last change of the answer, for each digit drawn."""
    screen.page.evaluate(MEASURE_LATENCY)
    behind = []
    for digit in list(range(10)) * ROUNDS:
        screen.page.keyboard.press("Escape")
        for stroke in digits.strokes(digit):
            screen.pointer.draw([screen.on_pad(x, y) for x, y in stroke])
        behind.append(screen.page.evaluate("settled => latency(settled)", SETTLED))
    return behind


def longest_tasks(browser: Browser, url: str) -> dict[str, float]:
    """Measure the page's longest task for each activity, in milliseconds of CPU time, which other processes do not affect."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    longest: dict[str, float] = {}

    def trace(what: str, act: Callable[[], object]) -> None:
        browser.start_tracing(page=page, categories=CATEGORIES)
        act()
        page.wait_for_timeout(SETTLED)
        longest[what] = longest_task(browser.stop_tracing())

    screen: list[Screen] = []
    trace("loading", lambda: screen.append(Screen(page, Mouse(page), url)))
    trace("drawing", lambda: write_all(screen[0]))
    trace("opening the layers", lambda: open_layers(screen[0]))
    trace("pointing at cells", lambda: point_at_cells(screen[0]))
    trace("drawing with the layers open", lambda: write_all(screen[0]))
    return longest


def frames(browser: Browser, url: str) -> dict[str, list[float]]:
    """Measure the milliseconds from each frame to the next for each activity with the layers open."""
    screen = Screen(page := browser.new_page(viewport={"width": 1280, "height": 800}), Mouse(page), url)
    screen.write(7)
    open_layers(screen)
    intervals: dict[str, list[float]] = {}
    for what, act in (("pointing at cells", point_at_cells), ("drawing", write_all)):
        page.wait_for_timeout(SETTLED)
        page.evaluate(RECORD_FRAMES)
        act(screen)
        intervals[what] = page.evaluate("frames()")
    return intervals


def write_all(screen: Screen) -> None:
    for digit in range(10):
        screen.page.keyboard.press("Escape")
        screen.write(digit)


def open_layers(screen: Screen) -> None:
    screen.page.get_by_role("button", name="Look inside").click()
    screen.page.wait_for_selector(".neurons tbody tr")


def point_at_cells(screen: Screen) -> None:
    canvas = screen.page.locator(".layers canvas[tabindex]").nth(2)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for step in range(200):
        screen.page.mouse.move(box["x"] + step * 37 % box["width"], box["y"] + step * 3 % min(box["height"], 300))


def longest_task(trace: bytes) -> float:
    """Find the longest task of the renderer's main thread, in milliseconds of CPU time."""
    events = json.loads(trace)["traceEvents"]
    main_threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = (event for event in events if event["name"] in TASKS and (event["pid"], event["tid"]) in main_threads)
    return max(event.get("tdur", 0) for event in tasks) / 1000


if __name__ == "__main__":
    main()
