from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screen import PREDICT, Screen

DOT = [[(0.5, 0.5)]]
SEVEN = re.compile(r"^7, \d+\.\d\s%$")


def shares(**named: float) -> list[float]:
    """Ten probabilities, 0 except for those named: _4=0.5 is that of 4."""
    return [named.get(f"_{digit}", 0.0) for digit in range(10)]


@pytest.mark.parametrize(
    ("answer", "digit", "words"),
    [
        ({"digit": 3, "reason": "not_a_digit"}, "?", "This does not look like a digit"),
        ({"digit": 4, "reason": "ambiguous", "probabilities": shares(_4=0.5, _9=0.4)}, "4", "Could be a 4 or a 9"),
        ({"digit": 8, "reason": "ambiguous", "probabilities": shares(_3=0.4, _8=0.5)}, "8", "Could be an 8 or a 3"),
        ({"digit": None, "reason": "blank", "probabilities": [0.1] * 10}, "", "Draw a digit"),
    ],
)
def test_a_rejected_answer_gives_the_reason(desktop: Screen, answer: dict[str, object], digit: str, words: str):
    desktop.answer_with(**answer)
    desktop.draw(DOT)
    expect(desktop.words).to_have_text(words)
    expect(desktop.page.locator(".digit")).to_have_text(digit)
    expect(desktop.status).to_have_text(words)


def test_an_accepted_answer_is_the_digit_and_its_confidence(desktop: Screen):
    desktop.answer_with(digit=7, confidence=0.9974)
    desktop.draw(DOT)
    expect(desktop.page.locator(".digit")).to_have_text("7")
    expect(desktop.words).to_have_text("99.7 %")
    expect(desktop.status).to_have_text("7, 99.7 %")


def test_no_answer_is_shown_as_100_percent(desktop: Screen):
    desktop.answer_with(confidence=0.99999)
    desktop.draw(DOT)
    expect(desktop.status).to_have_text("7, 99.9 %")


def test_the_request_is_sent_at_once_when_the_pen_goes_down(desktop: Screen):
    desktop.page.evaluate("""() => {
        const { send } = XMLHttpRequest.prototype;
        XMLHttpRequest.prototype.send = function (body) { window.sent = true; send.call(this, body); };
        document.addEventListener("pointerdown", () => window.sentAtOnce = window.sent);
    }""")
    desktop.draw(DOT)
    assert desktop.page.evaluate("sentAtOnce")


def test_ten_bars_show_the_ten_probabilities(desktop: Screen):
    desktop.answer_with(probabilities=shares(_0=0.25, _7=0.6, _9=0.15))
    desktop.draw(DOT)
    percentages = ["25.0 %", *["0.0 %"] * 6, "60.0 %", "0.0 %", "15.0 %"]
    expect(desktop.page.locator(".bars .share")).to_have_text(percentages)
    expect(desktop.page.locator(".candidate .label")).to_have_text(["7"])


def test_the_image_that_the_model_reads_is_shown_pixel_by_pixel(desktop: Screen):
    desktop.write(7)
    image = desktop.page.get_by_alt_text("The drawing as 28 by 28 pixels", exact=True)
    expect(image).to_be_visible()
    expect(image).to_have_css("image-rendering", "pixelated")
    assert image.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [28, 28]


def test_the_model_and_the_time_are_shown(screen: Screen):
    screen.write(7)
    expect(screen.page.locator(".origin")).to_have_text(re.compile(r"^digits model v\d+, \d+\sms$"))


def test_nothing_moves_when_an_answer_arrives(screen: Screen):
    parts = screen.page.locator("#pad, button, .bars, .track, .seen .tile, nav")
    places = "parts => parts.map(part => Object.values(part.getBoundingClientRect().toJSON()))"
    before = parts.evaluate_all(places)
    screen.write(7)
    expect(screen.status).to_have_text(SEVEN)
    assert parts.evaluate_all(places) == before


def test_an_unchanged_answer_is_announced_once(desktop: Screen):
    desktop.answer_with(confidence=0.9)
    desktop.page.clock.install()
    desktop.page.evaluate("""() => {
        window.announced = [];
        const status = document.querySelector("[role=status]");
        new MutationObserver(() => announced.push(status.textContent)).observe(status, { childList: true });
    }""")
    for _ in range(2):
        with desktop.page.expect_response(PREDICT):
            desktop.draw(DOT)
        expect(desktop.words).to_have_text("90.0 %")
        desktop.page.clock.run_for(1000)
    assert desktop.page.evaluate("announced") == ["7, 90.0\xa0%"]


def test_a_slow_answer_is_never_shown_after_a_newer_one(desktop: Screen):
    asked: list[str] = []
    desktop.page.on("request", lambda request: "/predict?" in request.url and asked.append(request.url))
    held = desktop.hold_first_request()
    desktop.write(7)
    expect(desktop.words).to_have_text("Draw a digit")
    assert len(held) == len(asked) == 1
    held[0].continue_()
    expect(desktop.status).to_have_text(SEVEN)


def test_clear_cancels_the_active_request(desktop: Screen):
    held = desktop.hold_first_request()
    desktop.write(7)
    with desktop.page.expect_event("requestfailed", timeout=5000) as failed:
        desktop.page.keyboard.press("Escape")
    assert failed.value == held[0].request
    desktop.write(3)
    expect(desktop.status).to_have_text(re.compile("^3, "))


def test_an_unreachable_service_is_reported_and_retried(desktop: Screen):
    desktop.page.route(PREDICT, lambda route: route.abort())
    desktop.draw(DOT)
    expect(desktop.status).to_have_text("The service cannot be reached. Trying again.")
    desktop.page.wait_for_event("requestfailed")  # the request for the whole dot; the next one is a retry
    assert desktop.ink_at(0.5, 0.5)[3] == 255
    desktop.page.unroute(PREDICT)
    desktop.answer_with(confidence=0.9)
    expect(desktop.status).to_have_text("7, 90.0 %")
    desktop.forgive_failed_requests()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (408, "The service cannot be reached. Trying again."),
        (429, "The service is busy. Trying again."),
        (500, "The service failed. Trying again."),
    ],
)
def test_a_failed_request_is_retried(desktop: Screen, status: int, words: str):
    desktop.page.route(PREDICT, lambda route: route.fulfill(status=status))
    desktop.write(7)
    expect(desktop.status).to_have_text(words)
    desktop.page.unroute(PREDICT)
    expect(desktop.status).to_have_text(SEVEN)
    desktop.forgive_failed_requests()


def test_a_busy_service_is_retried_after_its_retry_after(desktop: Screen):
    desktop.page.evaluate("""() => {
        window.sent = [];
        const { send } = XMLHttpRequest.prototype;
        XMLHttpRequest.prototype.send = function (body) { sent.push(performance.now()); send.call(this, body); };
    }""")
    desktop.page.route(PREDICT, lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}), times=1)
    desktop.draw(DOT)
    expect(desktop.words).to_have_text("The service is busy. Trying again.")
    desktop.answer_with(confidence=0.9)
    expect(desktop.words).to_have_text("90.0 %")
    first, second, *_ = desktop.page.evaluate("sent")
    assert second - first >= 1000
    desktop.forgive_failed_requests()
