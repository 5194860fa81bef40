"""The page as an app, and offline."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.screen import PREDICT, Screen


def test_the_browser_offers_to_install_the_page(phone: Screen):
    session = phone.page.context.new_cdp_session(phone.page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["manifest"]["startUrl"] == phone.page.url
    (error,) = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert error["errorId"] == "in-incognito"  # every page of a test is; this is the only obstacle


def test_an_offline_page_says_so_and_keeps_the_drawing(screen: Screen):
    screen.write(7)
    expect(screen.page.locator(".digit")).to_have_text("7")
    screen.page.context.set_offline(True)
    screen.draw([[(0.3, 0.5), (0.7, 0.5)]])
    expect(screen.status).to_have_text("The service cannot be reached. Trying again.")
    assert screen.ink_at(0.5, 0.5)[3] == 255
    screen.page.get_by_role("button", name="Undo", exact=True).click()
    assert screen.ink_at(0.32, 0.5)[3] == 0
    with screen.page.expect_response(PREDICT):
        screen.page.context.set_offline(False)
    expect(screen.page.locator(".digit")).to_have_text("7")
    screen.forgive_failed_requests()
