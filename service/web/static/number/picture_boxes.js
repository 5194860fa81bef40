/** The boxes of a number's digits, drawn over the picture that they were read from. */

/** @import { ReadDigit } from "../api/reading.js" */
/** @import { DigitList } from "./digit_list.js" */

const SVG = "http://www.w3.org/2000/svg";
const REACH = 22; // CSS pixels around a box that count as on it, as for a finger

export class PictureBoxes {
  #svg;
  #image;

  /**
   * @param {SVGElement} svg as large as the image, and over it.
   * @param {HTMLImageElement} image
   * @param {DigitList} list is told which digit is pointed at or chosen.
   */
  constructor(svg, image, list) {
    this.#svg = svg;
    this.#image = image;
    svg.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") list.point(this.#at(event));
    });
    svg.addEventListener("pointerleave", () => list.point(-1));
    svg.addEventListener("pointerdown", (event) => list.choose(this.#at(event)));
  }

  /**
   * Draw the boxes over the picture, which has loaded; one that the browser cannot display gets none.
   *
   * @param {ReadDigit[]} digits
   */
  show(digits) {
    const { naturalWidth, naturalHeight } = this.#image;
    if (!naturalWidth) return;
    this.#svg.setAttribute("viewBox", `0 0 ${naturalWidth} ${naturalHeight}`);
    this.#svg.replaceChildren(...digits.map(toRectangle));
  }

  hide() {
    this.#svg.replaceChildren();
  }

  /**
   * @param {number} index of the digit that is shown.
   * @param {boolean} isLit whether the user points at it or chose it.
   */
  mark(index, isLit) {
    for (const [i, rectangle] of [...this.#svg.children].entries()) {
      rectangle.classList.toggle("shown", i === index);
      rectangle.classList.toggle("lit", i === index && isLit);
    }
  }

  /** @returns {?DOMRect} where a digit's box is on the screen. */
  place(index) {
    return this.#svg.children[index]?.getBoundingClientRect() ?? null;
  }

  /** @returns {number} the index of the nearest box within reach; -1 if there is none. */
  #at({ clientX, clientY }) {
    const distances = [...this.#svg.children].map((rectangle) => {
      const { left, top, right, bottom } = rectangle.getBoundingClientRect();
      const [aside, above] = [Math.max(left - clientX, 0, clientX - right), Math.max(top - clientY, 0, clientY - bottom)];
      return Math.hypot(aside, above);
    });
    const least = Math.min(...distances);
    return least <= REACH ? distances.indexOf(least) : -1;
  }
}

function toRectangle({ box: [x, y, width, height], reason }) {
  const rectangle = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height })) rectangle.setAttribute(name, value);
  rectangle.classList.toggle("doubtful", reason !== null);
  return rectangle;
}
