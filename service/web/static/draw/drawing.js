/** What is on the pad: strokes, and how they came to be, so that every change can be taken back. */

import { pointsOnCurve } from "./curve.js";
import { erased } from "./eraser.js";

/** @typedef {[number, number, number]} Point x to the right, y down, 0..1 across the pad; the pen's pressure, 1: plain. */

/**
 * @typedef {object} Stroke
 * @property {number} width of the pen, of the pad's side.
 * @property {Point[]} points at least one: a dot.
 */

export class Drawing {
  /** @type {Stroke[]} In the order drawn. */
  strokes = [];

  #past = [];
  #future = [];
  #underWay = null;
  #changed;

  /** @param {() => void} changed called after every change to `strokes`. */
  constructor(changed) {
    this.#changed = changed;
  }

  get isEmpty() {
    return this.strokes.length === 0;
  }

  /** Whether a stroke goes on, or erasing does: neither was undone, nor cleared, since it began. */
  get isUnderWay() {
    return this.#underWay !== null;
  }

  /** Starts a stroke. */
  begin(point, width) {
    const stroke = { width, points: [point] };
    this.#become([...this.strokes, stroke], (points) => stroke.points.push(...points));
  }

  /**
   * Starts to erase; all that goes until the next change comes back at once.
   *
   * @param {number} radius around each point within which the ink goes.
   */
  beginErasing(point, radius) {
    let last = point;
    const eraseAlong = (points) => {
      for (const next of points) {
        for (const at of pointsOnCurve([last, next], radius / 2)) this.strokes = erased(this.strokes, at, radius);
        last = next;
      }
    };
    this.#become(erased(this.strokes, point, radius), eraseAlong);
  }

  /** Goes on with what was begun; nothing happens once it is undone or cleared. */
  extend(points) {
    if (!this.isUnderWay) return;
    this.#underWay(points);
    this.#changed();
  }

  /** Puts other strokes in place of these. */
  replace(strokes) {
    this.#become(strokes);
  }

  clear() {
    if (!this.isEmpty) this.#become([]);
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  /** Takes back the stroke under way as if it had never been. */
  cancel() {
    if (!this.isUnderWay) return;
    this.undo();
    this.#future.pop();
    this.#changed();
  }

  #become(strokes, underWay = null) {
    this.#past.push(this.strokes);
    this.#future = [];
    this.#underWay = underWay;
    this.strokes = strokes;
    this.#changed();
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.strokes);
    this.#underWay = null;
    this.strokes = from.pop();
    this.#changed();
  }
}
