/** Strokes as a request for a number, and boxes of its answer back on the sheet. */

/** @import { Stroke } from "../draw/drawing.js" */
/** @import { Sheet } from "../draw/sheet.js" */

import { pieces } from "../draw/eraser.js";

const UNITS = 1000; // of the height of the sheet
const STEP = 6; // units between neighbouring points, at least: a pen reports more than a reader can use

/**
 * @param {Stroke[]} strokes
 * @param {Sheet} sheet strokes may leave it; only what lies on it is sent.
 * @returns {Blob} JSON.
 */
export function toRequest(strokes, { left, right }) {
  const isOnSheet = ([x, y]) => left <= x && x <= right && 0 <= y && y <= 1;
  const visible = strokes.flatMap(({ points }) => pieces(points, isOnSheet));
  const content = JSON.stringify({ strokes: visible.map((points) => thinned(points.map(toUnits))) });
  return new Blob([content], { type: "application/json" });
}

/**
 * @param {[number, number, number, number]} box of an answer.
 * @returns {[number, number, number, number]} x, y, width and height on the sheet.
 */
export function toSheet(box) {
  return box.map((value) => value / UNITS);
}

function toUnits([x, y]) {
  return [Math.round(UNITS * x), Math.round(UNITS * y)];
}

function thinned(points) {
  const last = points.length - 1;
  let [fromX, fromY] = points[0];
  return points.filter(([x, y], i) => {
    if (i > 0 && i < last && Math.hypot(x - fromX, y - fromY) < STEP) return false;
    [fromX, fromY] = [x, y];
    return true;
  });
}
