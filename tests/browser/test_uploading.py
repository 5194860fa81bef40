from __future__ import annotations

import base64
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, expect

from tests.browser import digits
from tests.browser.screen import PREDICT, Screen
from tests.serving import ROOT

NOT_A_PICTURE = "This is not a PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP or TIFF picture, or the file is incomplete."
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

WATCH_UPLOADS = """() => {
    window.sent = [];
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (body) {
        const image = body instanceof FormData ? body.get("image") : null;
        if (image) sent.push(createImageBitmap(image).then(
            ({ width, height }) => ({ name: image.name, type: image.type, bytes: image.size, width, height })));
        send.call(this, body);
    };
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


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28"><path d="M8 6h12L12 24" stroke="black"/></svg>'


@pytest.mark.parametrize(("name", "kind"), [("seven.svg", "image/svg+xml"), ("SEVEN.SVG", "")])
def test_an_svg_is_refused_before_it_is_shown(desktop: Screen, two: FilePayload, name: str, kind: str):
    asked: list[str] = []
    desktop.page.on("request", lambda request: asked.append(request.url))
    seven: FilePayload = {"name": name, "mimeType": kind, "buffer": SVG}
    desktop.page.get_by_label("Upload pictures").set_input_files(seven)
    expect(desktop.status).to_have_text("This is an SVG, which holds shapes and no pixels. Save it as a PNG.")
    expect(desktop.page.locator("#picture img")).to_be_hidden()
    assert [address for address in asked if "static" not in address] == []
    desktop.page.get_by_label("Upload pictures").set_input_files([two, seven])
    rows = desktop.page.locator("#pictures tbody tr")
    expect(rows.nth(1)).to_contain_text("This is an SVG")
    assert rows.nth(1).locator("img").get_attribute("src") is None
    expect(rows.nth(0)).to_contain_text("2")


@pytest.mark.parametrize("format", ["heic", "avif"])
def test_a_phone_s_picture_is_read_even_if_the_browser_cannot_show_it(desktop: Screen, format: str):
    name = {"heic": "grey.heic", "avif": "colour.avif"}[format]
    data = (ROOT / "tests" / "fuzz" / "corpus" / name).read_bytes()
    seven: FilePayload = {"name": name, "mimeType": f"image/{format}", "buffer": data}
    desktop.page.get_by_label("Upload pictures").set_input_files(seven)
    expect(desktop.status).to_have_text(re.compile("^7, "))


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


def uploads(screen: Screen) -> list[dict[str, object]]:
    """Describe the pictures that were sent."""
    return screen.page.evaluate("() => Promise.all(sent)")


def photo(encode: Callable[..., bytes], width: int, height: int, orientation: int = 1) -> FilePayload:
    """Make a photo of an upright 2 that a phone held otherwise would store turned, as its EXIF says."""
    picture = Image.new("RGB", (width, height), (240, 234, 216))
    (stroke,) = digits.strokes(2)
    side = min(width, height)
    points = [((width - side) / 2 + side * x, (height - side) / 2 + side * y) for x, y in stroke]
    ImageDraw.Draw(picture).line(points, (36, 48, 120), side // 25, "curve")
    turns = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    if turn := turns[orientation]:
        picture = picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": encode(picture, "JPEG", exif=exif)}


@pytest.mark.parametrize(
    ("width", "height", "orientation", "sent"),
    [(5712, 4284, 1, (1600, 1200)), (3000, 4000, 6, (1200, 1600)), (2000, 1500, 3, (1600, 1200))],
)
def test_a_large_photo_is_sent_small_and_upright(
    desktop: Screen, encode: Callable[..., bytes], width: int, height: int, orientation: int, sent: tuple[int, int]
):
    desktop.page.evaluate(WATCH_UPLOADS)
    picture = photo(encode, width, height, orientation)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(picture)
    expect(desktop.status).to_have_text(TWO)
    (upload, *_) = uploads(desktop)
    assert (upload["name"], upload["type"], upload["width"], upload["height"]) == ("photo.jpg", "image/jpeg", *sent)
    assert upload["bytes"] < 300_000


@pytest.mark.parametrize("orientation", [1, 8])
def test_a_small_photo_is_sent_as_it_is(desktop: Screen, encode: Callable[..., bytes], orientation: int):
    desktop.page.evaluate(WATCH_UPLOADS)
    picture = photo(encode, 900, 700, orientation)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(picture)
    expect(desktop.status).to_have_text(TWO)
    assert uploads(desktop)[0]["bytes"] == len(picture["buffer"])


def test_a_large_picture_keeps_its_transparency(desktop: Screen, encode: Callable[..., bytes]):
    picture = Image.new("RGBA", (2000, 2000))
    (stroke,) = digits.strokes(2)
    ImageDraw.Draw(picture).line([(2000 * x, 2000 * y) for x, y in stroke], (0, 0, 0, 255), 90, "curve")
    desktop.page.evaluate(WATCH_UPLOADS)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(
        {"name": "two.png", "mimeType": "image/png", "buffer": encode(picture)}
    )
    expect(desktop.status).to_have_text(TWO)
    assert (uploads(desktop)[0]["type"], uploads(desktop)[0]["width"]) == ("image/png", 1600)


def test_the_original_is_sent_where_scaling_fails(desktop: Screen, encode: Callable[..., bytes]):
    desktop.page.route("**/scaling_worker.js*", lambda route: route.abort())
    desktop.page.evaluate(WATCH_UPLOADS)
    picture = photo(encode, 2000, 1500)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(picture)
    expect(desktop.status).to_have_text(TWO)
    assert uploads(desktop)[0]["bytes"] == len(picture["buffer"])
    desktop.forgive_failed_requests()


def test_a_slow_line_shows_progress_and_is_waited_for(desktop: Screen, encode: Callable[..., bytes]):
    noise = np.random.default_rng(0).integers(0, 256, (320, 320, 3), np.uint8)  # 300 kB, at 25 kB/s
    session = desktop.page.context.new_cdp_session(desktop.page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 25_000}
    session.send("Network.emulateNetworkConditions", slow)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(
        {"name": "noise.png", "mimeType": "image/png", "buffer": encode(noise)}
    )
    expect(desktop.words).to_have_text(re.compile(r"^Sending: [1-9]\d? %$"))
    expect(desktop.status).to_have_text("Sending")
    with desktop.page.expect_response(PREDICT, timeout=40_000) as response:  # the deadline was 10 s
        pass
    assert response.value.status == 200
    session.detach()


def test_a_silent_line_is_given_up(desktop: Screen, two: FilePayload):
    desktop.page.clock.install()
    held = desktop.hold_first_request()
    with desktop.page.expect_request(PREDICT):
        desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    with desktop.page.expect_event("requestfailed", lambda request: request == held[0].request):
        desktop.page.clock.run_for(15_000)
    desktop.page.clock.run_for(1000)
    expect(desktop.words).to_have_text(re.compile("%$"))  # it was sent again


def test_undo_brings_back_a_picture_that_was_drawn_on(phone: Screen, two: FilePayload):
    phone.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(phone.status).to_have_text(TWO)
    phone.draw([[(0.5, 0.5)]])
    expect(phone.page.get_by_alt_text("two.png", exact=True)).to_be_hidden()
    phone.page.get_by_role("button", name="Undo", exact=True).click()
    expect(phone.page.get_by_alt_text("two.png", exact=True)).to_be_visible()
    expect(phone.status).to_have_text(TWO)
    phone.page.get_by_role("button", name="Eraser", exact=True).click()
    phone.draw([[(0.5, 0.5)]])  # erases nothing
    expect(phone.page.get_by_alt_text("two.png", exact=True)).to_be_visible()


def test_undo_brings_back_the_drawing_that_a_picture_replaced(desktop: Screen, two: FilePayload):
    desktop.write(7)
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(two)
    expect(desktop.status).to_have_text(TWO)
    desktop.page.keyboard.press("Control+z")
    expect(desktop.status).to_have_text(re.compile("^7, "))
    desktop.page.keyboard.press("Control+y")
    expect(desktop.status).to_have_text(TWO)


def test_a_blank_picture_is_called_blank(desktop: Screen, encode: Callable[..., bytes]):
    blank = encode(Image.new("RGB", (300, 200), "white"))
    desktop.page.get_by_label("Upload pictures", exact=True).set_input_files(
        {"name": "blank.png", "mimeType": "image/png", "buffer": blank}
    )
    expect(desktop.status).to_have_text("Nothing is written in this picture")
