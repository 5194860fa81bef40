/** What is on the pad, strokes or a picture, with undo and redo. */

import { pointsOnCurve } from "./curve.js";
import { erased } from "./eraser.js";

/** @typedef {[number, number, number]} Point x to the right, y down, on the sheet, whose height is 1; and the pen's pressure, 1 without one. */

/**
 * @typedef {object} Stroke
 * @property {number} width of the pen, of the sheet's height.
 * @property {Point[]} points at least one; a single point is a dot.
 */

export class Drawing {
  /** @type {Stroke[]} In the order of drawing. */
  strokes = [];

  /** @type {?File} Shown instead of strokes. */
  picture = null;

  #past = [];
  #future = [];
  #extendActive = null;
  #changed;

  /** @param {() => void} changed called after every change to `strokes` or `picture`. */
  constructor(changed) {
    this.#changed = changed;
  }

  get isEmpty() {
    return this.strokes.length === 0 && !this.picture;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Whether a stroke or an erasure has begun and was not undone or cleared since. */
  get isActive() {
    return this.#extendActive !== null;
  }

  /** Begin a stroke; a picture gives way to it. */
  begin(point, width) {
    const stroke = { width, points: [point] };
    this.#change({ strokes: [...this.strokes, stroke] }, (points) => stroke.points.push(...points));
  }

  /**
   * Begin to erase; one undo restores everything erased until the next change. Where no stroke is, nothing begins.
   *
   * @param {number} radius around each point within which ink is erased.
   */
  beginErasing(point, radius) {
    this.#extendActive = null;
    if (!this.strokes.length) return;
    let last = point;
    const eraseAlong = (points) => {
      for (const next of points) {
        for (const at of pointsOnCurve([last, next], radius / 2)) this.strokes = erased(this.strokes, at, radius);
        last = next;
      }
    };
    this.#change({ strokes: erased(this.strokes, point, radius) }, eraseAlong);
  }

  /** Continue the stroke or erasure; does nothing once it is undone or cleared. */
  extend(points) {
    if (!this.isActive) return;
    this.#extendActive(points);
    this.#changed();
  }

  /** Replace everything by other strokes. */
  replace(strokes) {
    this.#change({ strokes });
  }

  /** Replace everything by a picture. */
  show(picture) {
    this.#change({ picture });
  }

  clear() {
    if (!this.isEmpty) this.#change({});
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  /** Undo the stroke or erasure that has begun, without a redo. */
  cancel() {
    if (!this.isActive) return;
    this.undo();
    this.#future.pop();
    this.#changed();
  }

  #change(content, extendActive = null) {
    this.#past.push(this.#content());
    this.#future = [];
    this.#extendActive = extendActive;
    this.#put(content);
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.#content());
    this.#extendActive = null;
    this.#put(from.pop());
  }

  #content() {
    return { strokes: this.strokes, picture: this.picture };
  }

  #put({ strokes = [], picture = null }) {
    this.strokes = strokes;
    this.picture = picture;
    this.#changed();
  }
}
