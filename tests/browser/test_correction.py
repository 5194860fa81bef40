"""Correct the label of a digit."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Route, expect

from models.registry.corrections import Corrections
from tests.browser.screen import PREDICT, Screen


def ask(screen: Screen) -> None:
    """Draw a 7, wait for its answer, and open the dialog that asks for the label."""
    screen.write(7)
    expect(screen.page.locator(".digit")).to_have_text("7")
    screen.page.get_by_role("button", name="Wrong? Fix it", exact=True).click()


def test_correcting_is_disabled_before_an_answer(desktop: Screen):
    correct = desktop.page.get_by_role("button", name="Wrong? Fix it", exact=True)
    expect(correct).to_be_disabled()
    desktop.write(7)
    expect(correct).to_be_enabled()
    desktop.page.keyboard.press("Escape")
    expect(correct).to_be_disabled()


def test_a_correction_is_sent_with_its_strokes_and_can_be_taken_back(screen: Screen, database_url: str):
    before = len(list(Corrections(database_url)))
    ask(screen)
    assert len(list(Corrections(database_url))) == before
    screen.page.get_by_role("dialog").get_by_role("button", name="1", exact=True).click()
    expect(screen.page.get_by_text("Kept as 1. Thank you.")).to_be_visible()
    kept = list(Corrections(database_url))[-1]
    assert (kept.label, kept.predicted, kept.model) == (1, 7, "digits 1")
    assert len(kept.strokes) == 1
    assert 0.2 < kept.strokes[0][0][0] < 0.35
    screen.page.get_by_role("button", name="Take it back", exact=True).click()
    expect(screen.page.get_by_text("nothing is kept")).to_be_visible()
    assert len(list(Corrections(database_url))) == before


def test_a_digit_key_chooses_the_label(desktop: Screen, database_url: str):
    ask(desktop)
    desktop.page.keyboard.press("4")
    expect(desktop.page.get_by_text("Kept as 4. Thank you.")).to_be_visible()
    assert list(Corrections(database_url))[-1].label == 4
    desktop.page.get_by_role("button", name="Take it back", exact=True).click()
    expect(desktop.page.get_by_text("nothing is kept")).to_be_visible()
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.locator(".digit")).to_have_text("7")  # Escape closed the dialog and kept the drawing


def test_a_picture_is_corrected_without_strokes(desktop: Screen, two: FilePayload, database_url: str):
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(desktop.page.locator(".digit")).to_have_text("2")
    desktop.page.get_by_role("button", name="Wrong? Fix it", exact=True).click()
    desktop.page.get_by_role("button", name="No digit", exact=True).click()
    expect(desktop.page.get_by_text("Kept as No digit. Thank you.")).to_be_visible()
    kept = list(Corrections(database_url))[-1]
    assert (kept.label, kept.strokes) == (None, [])
    assert kept.png.startswith(b"\x89PNG")


def test_a_correction_that_the_service_refuses_is_reported(desktop: Screen):
    desktop.page.route("**/corrections", lambda route: route.fulfill(status=429))
    ask(desktop)
    desktop.page.keyboard.press("4")
    expect(desktop.page.get_by_text("cannot keep it right now")).to_be_visible()
    desktop.forgive_failed_requests()


def test_a_correction_whose_answer_is_lost_is_kept_once(desktop: Screen, database_url: str):
    before = len(list(Corrections(database_url)))
    keys = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    four = desktop.page.get_by_role("dialog").get_by_role("button", name="4", exact=True)
    desktop.page.route("**/corrections", lose, times=1)
    ask(desktop)
    four.click()
    expect(desktop.page.get_by_text("cannot keep it right now")).to_be_visible()
    with desktop.page.expect_request("**/corrections") as again:
        four.click()
    expect(desktop.page.get_by_text("Kept as 4. Thank you.")).to_be_visible()
    assert again.value.headers["idempotency-key"] == keys[0]
    assert len(list(Corrections(database_url))) == before + 1
    desktop.page.get_by_role("button", name="Take it back", exact=True).click()
    expect(desktop.page.get_by_text("nothing is kept")).to_be_visible()
    with desktop.page.expect_request("**/corrections") as new:
        four.click()
    expect(desktop.page.get_by_text("Kept as 4. Thank you.")).to_be_visible()
    assert new.value.headers["idempotency-key"] != keys[0]
    assert len(list(Corrections(database_url))) == before + 1
    desktop.forgive_failed_requests()


def test_correcting_is_disabled_while_the_service_is_unreachable(desktop: Screen):
    desktop.write(7)
    correct = desktop.page.get_by_role("button", name="Wrong? Fix it", exact=True)
    expect(correct).to_be_enabled()
    desktop.page.route(PREDICT, lambda route: route.abort())
    desktop.draw([[(0.3, 0.5), (0.7, 0.5)]])
    expect(desktop.status).to_have_text("The service cannot be reached. Trying again.")
    expect(correct).to_be_disabled()
    desktop.forgive_failed_requests()


def sent(screen: Screen) -> list[str]:
    """Collect the corrections that are sent from now on."""
    bodies: list[str] = []
    screen.page.on("request", lambda request: "/corrections" in request.url and bodies.append(request.post_data or ""))
    return bodies


def test_keys_of_the_browser_and_held_keys_send_nothing(desktop: Screen):
    bodies = sent(desktop)
    desktop.write(7)
    expect(desktop.page.locator(".digit")).to_have_text("7")
    correct = desktop.page.get_by_role("button", name="Wrong? Fix it", exact=True)
    correct.focus()
    for _ in range(4):  # Playwright marks all but the first as repeated
        desktop.page.keyboard.down("Enter")
    desktop.page.keyboard.up("Enter")
    for keys in ("Control+0", "Meta+1", "Alt+2"):
        desktop.page.keyboard.press(keys)
    expect(desktop.page.get_by_role("dialog")).to_be_visible()
    desktop.page.keyboard.press("Enter")  # no label has the focus
    desktop.page.get_by_role("button", name="Close", exact=True).click()
    expect(desktop.page.get_by_role("dialog")).to_be_hidden()
    expect(correct).to_be_focused()
    assert bodies == []


def test_a_drawing_is_kept_once_and_can_be_taken_back_later(desktop: Screen, database_url: str):
    before = len(list(Corrections(database_url)))
    ask(desktop)
    desktop.page.keyboard.press("4")
    take_back = desktop.page.get_by_role("button", name="Take it back", exact=True)
    expect(take_back).to_be_focused()
    desktop.page.keyboard.press("5")
    desktop.page.keyboard.press("Escape")
    desktop.page.get_by_role("button", name="Undo", exact=True).click()
    desktop.page.get_by_role("button", name="Redo", exact=True).click()
    expect(desktop.page.locator(".digit")).to_have_text("7")
    desktop.page.get_by_role("button", name="Wrong? Fix it", exact=True).click()
    expect(desktop.page.get_by_text("Kept as 4. Thank you.")).to_be_visible()
    expect(desktop.page.get_by_role("dialog").get_by_role("button", name="5", exact=True)).to_be_disabled()
    assert len(list(Corrections(database_url))) == before + 1
    take_back.click()
    expect(desktop.page.get_by_text("nothing is kept")).to_be_visible()
    expect(desktop.page.get_by_role("dialog")).to_be_focused()
    assert len(list(Corrections(database_url))) == before
