/** The ink of each digit of a number: its strokes in the drawing, or its part of the picture. */

/** @import { Stroke, Drawing } from "../draw/drawing.js" */
/** @import { Sheet } from "../draw/sheet.js" */
/** @import { Reading } from "../api/reading.js" */
/** @import { UploadedPicture } from "../api/uploaded_picture.js" */

import { toCrop } from "./digit_crop.js";
import { splitStrokes } from "./digit_strokes.js";
import { toSheet } from "./stroke_request.js";
import { toPng } from "../draw/ink.js";

export class NumberInk {
  #drawing;
  #sheet;
  #picture;
  #digits = [];
  #strokes = [];

  /**
   * @param {Drawing} drawing
   * @param {Sheet} sheet that it lies on.
   * @param {UploadedPicture} picture is read instead of the drawing while it is shown.
   */
  constructor(drawing, sheet, picture) {
    this.#drawing = drawing;
    this.#sheet = sheet;
    this.#picture = picture;
  }

  /** @param {Reading} reading of the drawing or the picture. */
  split({ digits }) {
    this.#digits = digits;
    this.#strokes = this.#picture.isShown
      ? []
      : splitStrokes(this.#drawing.strokes, digits.map(({ box }) => toSheet(box)));
  }

  /** @returns {Stroke[]} the strokes of a digit; none of a picture. */
  strokes(index) {
    return this.#strokes[index] ?? [];
  }

  /** @returns {?Blob} a PNG of a digit; null if the browser cannot display its picture, or the digit has no stroke. */
  image(index) {
    if (this.#picture.isShown) return this.#picture.canBeCut ? toCrop(this.#picture.image, this.#digits[index].box) : null;
    return this.strokes(index).length ? toPng(this.strokes(index), this.#sheet) : null;
  }
}
