/** An uploaded picture of a number: boxes over its digits, and zoom. */

/** @import { ReadDigit } from "../api/reading.js" */
/** @import { DigitList } from "./digit_list.js" */

import { PictureBoxes } from "./picture_boxes.js";
import { PictureZoom } from "./picture_zoom.js";

export class NumberPicture {
  #figure;
  #buttons;
  #boxes;
  #zoom;

  /**
   * @param {HTMLElement} figure with an `img` and an `svg`.
   * @param {HTMLElement} buttons that zoom.
   * @param {DigitList} list is told which digit is pointed at or chosen.
   */
  constructor(figure, buttons, list) {
    this.#figure = figure;
    this.#buttons = buttons;
    this.#boxes = new PictureBoxes(figure.querySelector("svg"), figure.querySelector("img"), list);
    this.#zoom = new PictureZoom(figure, buttons);
  }

  /** @param {ReadDigit[]} digits get their boxes, and the pointer no longer draws but points at them. */
  show(digits) {
    this.#boxes.show(digits);
    this.#figure.classList.add("pointable");
    this.#buttons.hidden = false;
  }

  hide() {
    this.#boxes.hide();
    this.#zoom.reset();
    this.#figure.classList.remove("pointable");
    this.#buttons.hidden = true;
  }

  /**
   * @param {number} index of the digit that is shown.
   * @param {boolean} isLit whether the user points at it or chose it.
   */
  mark(index, isLit) {
    this.#boxes.mark(index, isLit);
    const place = isLit && this.#boxes.place(index);
    if (place) this.#zoom.reveal(place);
  }
}
