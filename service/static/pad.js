/** Pointer events -> strokes. */

/** @typedef {[number, number]} Point x to the right, y down; 0..1 across the pad. */
/** @typedef {Point[]} Stroke at least one point: a dot. */

const MAIN_BUTTON = 0;

export class Pad {
  /** @type {Stroke[]} In the order drawn. */
  strokes = [];

  #element;
  #changed;
  #pointer = null;

  /**
   * @param {Element} element drawn on; square.
   * @param {() => void} changed called after every change to `strokes`.
   */
  constructor(element, changed) {
    this.#element = element;
    this.#changed = changed;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#lift(event));
    element.addEventListener("pointercancel", (event) => this.#lift(event));
  }

  /** Takes back the last stroke. */
  undo() {
    this.#replace(this.strokes.slice(0, -1));
  }

  clear() {
    this.#replace([]);
  }

  #replace(strokes) {
    this.#pointer = null;
    this.strokes = strokes;
    this.#changed();
  }

  #press(event) {
    // One pointer draws at a time; a second finger, or the palm, is ignored.
    if (this.#pointer !== null || event.button !== MAIN_BUTTON) return;
    this.#pointer = event.pointerId;
    this.#element.setPointerCapture(event.pointerId);
    this.strokes.push(this.#points([event]));
    this.#changed();
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    // The browser merges moves between two frames; a fast curve needs those in between. Not every browser tells them.
    const merged = event.getCoalescedEvents?.() ?? [];
    this.strokes.at(-1).push(...this.#points(merged.length ? merged : [event]));
    this.#changed();
  }

  #lift(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#changed();
  }

  #points(events) {
    const { left, top, width, height } = this.#element.getBoundingClientRect();
    return events.map(({ clientX, clientY }) => [(clientX - left) / width, (clientY - top) / height]);
  }
}
