from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.screen import PREDICT, Screen

NOT_A_PICTURE = "This is not a PNG, JPEG, WebP, GIF, BMP or TIFF picture, or the file is incomplete."
TWO = re.compile(r"^2, \d+\.\d\s%$")
PASS_FILE = """([kind, type, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "two.png", { type }));
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { clipboardData: files, bubbles: true })
        : new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
}"""


def test_an_uploaded_picture_is_shown_and_read(screen: Screen, two: FilePayload):
    screen.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(screen.status).to_have_text(TWO)
    expect(screen.page.get_by_alt_text("two.png", exact=True)).to_be_visible()


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_may_be_dropped_or_pasted(desktop: Screen, two: FilePayload, kind: str):
    desktop.page.evaluate(PASS_FILE, [kind, two["mimeType"], base64.b64encode(two["buffer"]).decode()])
    expect(desktop.status).to_have_text(TWO)


def test_dragging_a_picture_over_the_page_marks_the_pad(desktop: Screen):
    desktop.page.evaluate(PASS_FILE, ["dragover", "image/png", ""])
    expect(desktop.page.locator(".sheet")).to_have_css("outline-style", "solid")


def test_drawing_replaces_the_picture(desktop: Screen, two: FilePayload):
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(desktop.status).to_have_text(TWO)
    desktop.write(7)
    expect(desktop.page.get_by_alt_text("two.png", exact=True)).to_be_hidden()
    expect(desktop.status).to_have_text(re.compile("^7, "))


def test_a_picture_replaces_the_drawing(desktop: Screen, two: FilePayload):
    desktop.write(7)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(desktop.status).to_have_text(TWO)
    assert desktop.ink_at(0.5, 0.16)[3] == 0


def test_clear_removes_the_picture(phone: Screen, two: FilePayload):
    phone.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(phone.status).to_have_text(TWO)
    phone.page.get_by_role("button", name="Clear", exact=True).click()
    expect(phone.page.get_by_alt_text("two.png", exact=True)).to_be_hidden()
    expect(phone.status).to_have_text("Draw a digit")


def test_the_same_picture_may_be_chosen_again(desktop: Screen, two: FilePayload):
    upload = desktop.page.get_by_label("Upload pictures", exact=True)
    upload.set_input_files(two)
    expect(desktop.status).to_have_text(TWO)
    expect(upload).to_have_value("")  # otherwise the browser would see no change


def test_a_file_that_is_not_a_picture_is_refused_in_plain_words(phone: Screen):
    notes: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"seven"}
    phone.page.get_by_label("Upload pictures", exact=True).set_input_files(notes)
    expect(phone.status).to_have_text(NOT_A_PICTURE)
    expect(phone.page.get_by_text("notes.txt")).to_be_visible()
    phone.forgive_failed_requests()


def test_a_phone_offers_its_camera(phone: Screen, desktop: Screen, two: FilePayload):
    camera = phone.page.get_by_label("Camera", exact=True)
    expect(phone.page.locator(".button", has=camera)).to_be_visible()
    expect(camera).to_have_attribute("capture", "environment")
    expect(camera).to_have_attribute("accept", "image/*")
    camera.set_input_files(two)
    expect(phone.status).to_have_text(TWO)
    expect(desktop.page.locator(".button", has_text="Camera")).to_be_hidden()


def test_a_slow_answer_is_never_shown_beside_another_picture(desktop: Screen, two: FilePayload):
    held = desktop.hold_first_request()
    upload = desktop.page.get_by_label("Upload pictures", exact=True)
    with desktop.page.expect_request(PREDICT):
        upload.set_input_files(two)
    with desktop.page.expect_event("requestfailed", timeout=5000) as failed:
        upload.set_input_files(two)
    assert failed.value == held[0].request
    expect(desktop.status).to_have_text(TWO)
