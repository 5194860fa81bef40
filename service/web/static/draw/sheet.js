/** The sheet that is drawn on: where a point of the screen lies on it. Its height is 1, and its middle is at (0.5, 0.5). */

const MIDDLE = 0.5;

export class Sheet {
  /** Its width; 1 for a square. */
  aspect = 1;

  #element;

  /** @param {Element} element shows the sheet. */
  constructor(element) {
    this.#element = element;
  }

  get left() {
    return MIDDLE - this.aspect / 2;
  }

  get right() {
    return MIDDLE + this.aspect / 2;
  }

  /** The number of CSS pixels that its height takes. */
  get scale() {
    const { width, height } = this.#element.getBoundingClientRect();
    return Math.min(height, width / this.aspect);
  }

  /**
   * Adopt the form of the element, but never become narrower than the ink: when a phone is turned, it is shown smaller.
   *
   * @param {{left: number, right: number}} ink what it covers of the sheet.
   */
  measure({ left, right }) {
    const { width, height } = this.#element.getBoundingClientRect();
    this.aspect = Math.max(width / height, 2 * (MIDDLE - left), 2 * (right - MIDDLE));
  }

  /** @returns {[number, number]} x and y on the sheet of a point of the window, in CSS pixels. */
  toSheet(clientX, clientY) {
    const { left, top, width, height } = this.#element.getBoundingClientRect();
    const scale = this.scale;
    return [MIDDLE + (clientX - left - width / 2) / scale, MIDDLE + (clientY - top - height / 2) / scale];
  }

  /** @returns {[number, number]} CSS pixels from the element's corner to a point of the sheet. */
  toElement(x, y) {
    const { width, height } = this.#element.getBoundingClientRect();
    return [width / 2 + (x - MIDDLE) * this.scale, height / 2 + (y - MIDDLE) * this.scale];
  }
}
