/** Turn pointer events into strokes. */

/** @import { Drawing, Point } from "./drawing.js" */
/** @import { Sheet } from "./sheet.js" */

const MAIN_BUTTON = 0;
const ERASER_BUTTON = 5; // the other end of a pen
const PEN = "pen";

export class Pad {
  width = 0; // of the pen and of the eraser, of the height of the sheet
  isErasing = false;

  #element;
  #drawing;
  #sheet;
  #lifted;
  #pointer = null;

  /**
   * @param {Element} element receives the pointer events.
   * @param {Drawing} drawing
   * @param {Sheet} sheet that the element shows.
   * @param {() => void} lifted called when the pen lifts.
   */
  constructor(element, drawing, sheet, lifted) {
    this.#element = element;
    this.#drawing = drawing;
    this.#sheet = sheet;
    this.#lifted = lifted;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#lift(event));
    element.addEventListener("pointercancel", (event) => this.#cancel(event));
  }

  get isDown() {
    return this.#pointer !== null;
  }

  #press(event) {
    if (event.button !== MAIN_BUTTON && event.button !== ERASER_BUTTON) return;
    // One pointer draws at a time; a second finger is ignored. When a pen arrives, the touch before it was a palm.
    if (this.#pointer !== null) {
      if (event.pointerType !== PEN || this.#pointer.type === PEN) return;
      this.#drawing.cancel();
    }
    this.#pointer = { id: event.pointerId, type: event.pointerType };
    this.#element.setPointerCapture(event.pointerId);
    const [point] = this.#points([event]);
    if (this.isErasing || event.button === ERASER_BUTTON) this.#drawing.beginErasing(point, this.width);
    else this.#drawing.begin(point, this.width);
  }

  #move(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    // The browser merges the moves between two frames; a fast curve needs all of them. Not every browser provides them.
    const merged = event.getCoalescedEvents?.() ?? [];
    this.#drawing.extend(this.#points(merged.length ? merged : [event]));
  }

  #lift(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    this.#pointer = null;
    this.#lifted();
  }

  /** Undo the stroke when the browser or the system takes the pointer, as for a palm. */
  #cancel(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    this.#pointer = null;
    this.#drawing.cancel();
    this.#lifted();
  }

  /** @returns {Point[]} */
  #points(events) {
    return events.map(({ clientX, clientY, pointerType, pressure }) => {
      const force = pointerType === PEN ? 0.5 + pressure : 1; // a mouse and most touch screens report no pressure
      return [...this.#sheet.toSheet(clientX, clientY), force];
    });
  }
}
