/** A number on the page: its digits tied to their ink, in the drawing or in the picture. */

/** @import { Answer } from "../draw/answer.js" */
/** @import { Drawing, Stroke } from "../draw/drawing.js" */
/** @import { Ink } from "../draw/ink.js" */
/** @import { Sheet } from "../draw/sheet.js" */
/** @import { Reading } from "../api/reading.js" */
/** @import { UploadedPicture } from "../api/uploaded_picture.js" */

import { NumberInk } from "./number_ink.js";
import { NumberPicture } from "./number_picture.js";
import { post } from "../api/post.js";
import { Predictor } from "../api/predictor.js";
import { PREDICT } from "../api/reading.js";

export class NumberView {
  #answer;
  #ink;
  #picture;
  #numberInk;
  #numberPicture;
  #closeUp;
  #reading = null;

  /**
   * @param {object} parts
   * @param {Drawing} parts.drawing
   * @param {Sheet} parts.sheet
   * @param {Ink} parts.ink
   * @param {UploadedPicture} parts.picture
   * @param {Answer} parts.answer
   * @param {HTMLElement} figure of the picture.
   * @param {HTMLElement} zoom the buttons that zoom.
   * @param {number} pace least ms between requests.
   */
  constructor({ drawing, sheet, ink, picture, answer }, figure, zoom, pace) {
    this.#answer = answer;
    this.#ink = ink;
    this.#picture = picture;
    this.#numberInk = new NumberInk(drawing, sheet, picture);
    this.#numberPicture = new NumberPicture(figure, zoom, answer.digits);
    this.#closeUp = new Predictor((makeBody, signal) => post(PREDICT, makeBody(), { signal }), pace, {
      answered: ({ canonical }) => answer.showSeen(canonical),
      failed: () => answer.showSeen(null),
    });
  }

  /** @type {?Blob} A PNG of the digit whose bars are shown; null if its ink cannot be told. */
  get image() {
    return this.#numberInk.image(this.#answer.digits.index);
  }

  /** @type {Stroke[]} The strokes of the digit whose bars are shown; none of a picture. */
  get strokes() {
    return this.#numberInk.strokes(this.#answer.digits.index);
  }

  /**
   * Show a number, and tie its digits to their ink.
   *
   * @param {Reading} reading
   * @param {number} milliseconds from the request to the response.
   * @returns {Promise<boolean>} whether it is shown; by then another answer may have replaced it.
   */
  async show(reading, milliseconds) {
    this.#reading = reading;
    this.#numberInk.split(reading);
    this.#answer.showNumber(reading, milliseconds);
    if (!this.#picture.isShown) return true;
    await this.#picture.image.decode().catch(() => {}); // one that the browser cannot display has no boxes
    if (this.#reading !== reading) return false;
    this.#numberPicture.show(reading.digits);
    return true;
  }

  /** Light the ink of the digit that is pointed at or chosen, and look at the one whose bars are shown. */
  showDigit() {
    const { index, lit } = this.#answer.digits;
    if (this.#picture.isShown) this.#numberPicture.mark(index, lit !== null);
    else this.#ink.light(lit === null ? [] : this.#numberInk.strokes(lit));
    const { image } = this;
    if (image) this.#closeUp.ask(() => image);
    else this.#answer.showSeen(null);
  }

  hide() {
    this.#reading = null;
    this.#closeUp.forget();
    this.#numberPicture.hide();
  }
}
