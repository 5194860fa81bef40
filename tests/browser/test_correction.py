"""Correct the label of a digit."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Route, expect

from models.registry.corrections import Corrections
from tests.browser.screen import PREDICT, Screen


def ask(screen: Screen) -> None:
    """Draw a 7, wait for its answer, and open the dialog that asks for the label."""
    screen.write(7)
    expect(screen.page.locator(".digit")).to_have_text("7")
    screen.page.get_by_role("button", name="Correct").click()


def test_correcting_is_disabled_before_an_answer(desktop: Screen):
    correct = desktop.page.get_by_role("button", name="Correct")
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
    screen.page.get_by_role("button", name="Take it back").click()
    expect(screen.page.get_by_text("nothing is kept")).to_be_visible()
    assert len(list(Corrections(database_url))) == before


def test_a_digit_key_chooses_the_label(desktop: Screen, database_url: str):
    ask(desktop)
    desktop.page.keyboard.press("4")
    expect(desktop.page.get_by_text("Kept as 4. Thank you.")).to_be_visible()
    assert list(Corrections(database_url))[-1].label == 4
    desktop.page.get_by_role("button", name="Take it back").click()
    expect(desktop.page.get_by_text("nothing is kept")).to_be_visible()
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.locator(".digit")).to_have_text("7")  # Escape closed the dialog and kept the drawing


def test_a_picture_is_corrected_without_strokes(desktop: Screen, two: FilePayload, database_url: str):
    desktop.page.get_by_label("Upload pictures").set_input_files(two)
    expect(desktop.page.locator(".digit")).to_have_text("2")
    desktop.page.get_by_role("button", name="Correct").click()
    desktop.page.get_by_role("button", name="No digit").click()
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
    desktop.page.get_by_role("button", name="Take it back").click()
    expect(desktop.page.get_by_text("nothing is kept")).to_be_visible()
    with desktop.page.expect_request("**/corrections") as new:
        four.click()
    expect(desktop.page.get_by_text("Kept as 4. Thank you.")).to_be_visible()
    assert new.value.headers["idempotency-key"] != keys[0]
    assert len(list(Corrections(database_url))) == before + 1
    desktop.forgive_failed_requests()


def test_correcting_is_disabled_while_the_service_is_unreachable(desktop: Screen):
    desktop.write(7)
    correct = desktop.page.get_by_role("button", name="Correct")
    expect(correct).to_be_enabled()
    desktop.page.route(PREDICT, lambda route: route.abort())
    desktop.draw([[(0.3, 0.5), (0.7, 0.5)]])
    expect(desktop.status).to_have_text("The service cannot be reached. Trying again.")
    expect(correct).to_be_disabled()
    desktop.forgive_failed_requests()
