/** Zoom into a picture with the wheel, two fingers or buttons, and move it with one pointer. */

const MOST = 8;
const STEP = 1.5; // of a button
const MARGIN = 8; // CSS pixels around a part that is brought into view
const WHEEL = 0.002; // a notch of 100 to 120 is a quarter more

export class PictureZoom {
  #frame;
  #buttons;
  #zoom = 1;
  #x = 0; // of the picture's corner in the frame, in CSS pixels
  #y = 0;
  #pointers = new Map();

  /**
   * @param {HTMLElement} frame moves what it holds by its CSS variables --x, --y and --zoom.
   * @param {HTMLElement} buttons two, `.closer` and `.farther`.
   */
  constructor(frame, buttons) {
    this.#frame = frame;
    this.#buttons = buttons;
    buttons.querySelector(".closer").addEventListener("click", () => this.#zoomMiddle(STEP));
    buttons.querySelector(".farther").addEventListener("click", () => this.#zoomMiddle(1 / STEP));
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.#press(event));
    frame.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      frame.addEventListener(end, ({ pointerId }) => this.#pointers.delete(pointerId));
    }
    this.reset();
  }

  /** Show the whole picture. */
  reset() {
    [this.#zoom, this.#x, this.#y] = [1, 0, 0];
    this.#apply();
  }

  /**
   * Move the picture until a part of it is in the frame.
   *
   * @param {DOMRect} part on the screen.
   */
  reveal(part) {
    const frame = this.#frame.getBoundingClientRect();
    const missing = (low, high, from, to) => Math.max(from + MARGIN - low, 0) || Math.min(to - MARGIN - high, 0);
    this.#x += missing(part.left, part.right, frame.left, frame.right);
    this.#y += missing(part.top, part.bottom, frame.top, frame.bottom);
    this.#apply();
  }

  #wheel(event) {
    const factor = Math.exp(-event.deltaY * WHEEL);
    if (factor < 1 && this.#zoom === 1) return; // the page scrolls
    event.preventDefault();
    this.#zoomAt(factor, event.clientX, event.clientY);
  }

  #press(event) {
    this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.#frame.setPointerCapture(event.pointerId);
  }

  #move({ pointerId, clientX, clientY }) {
    const from = this.#pointers.get(pointerId);
    if (!from) return;
    const other = [...this.#pointers].find(([id]) => id !== pointerId)?.[1];
    const share = other ? 0.5 : 1; // the middle of two fingers moves half as far as one of them
    this.#x += share * (clientX - from[0]);
    this.#y += share * (clientY - from[1]);
    if (other) {
      const [before, after] = [distance(from, other), distance([clientX, clientY], other)];
      this.#zoomAt(after / Math.max(before, 1), (clientX + other[0]) / 2, (clientY + other[1]) / 2);
    }
    this.#pointers.set(pointerId, [clientX, clientY]);
    this.#apply();
  }

  #zoomMiddle(factor) {
    const { left, top, width, height } = this.#frame.getBoundingClientRect();
    this.#zoomAt(factor, left + width / 2, top + height / 2);
  }

  /** Zoom so that what is at a point of the window stays there. */
  #zoomAt(factor, clientX, clientY) {
    const { left, top } = this.#frame.getBoundingClientRect();
    const zoom = Math.min(Math.max(this.#zoom * factor, 1), MOST);
    this.#x = clientX - left - ((clientX - left - this.#x) * zoom) / this.#zoom;
    this.#y = clientY - top - ((clientY - top - this.#y) * zoom) / this.#zoom;
    this.#zoom = zoom;
    this.#apply();
  }

  #apply() {
    const { clientWidth, clientHeight, style } = this.#frame;
    this.#x = Math.min(Math.max(this.#x, clientWidth * (1 - this.#zoom)), 0);
    this.#y = Math.min(Math.max(this.#y, clientHeight * (1 - this.#zoom)), 0);
    style.setProperty("--x", `${this.#x}px`);
    style.setProperty("--y", `${this.#y}px`);
    style.setProperty("--zoom", this.#zoom);
    this.#buttons.querySelector(".closer").disabled = this.#zoom === MOST;
    this.#buttons.querySelector(".farther").disabled = this.#zoom === 1;
  }
}

function distance([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, y - otherY);
}
