/** Erase parts of strokes. */

/** @import { Point, Stroke } from "./drawing.js" */

import { pointsOnCurve } from "./curve.js";

/**
 * @param {Stroke[]} strokes not modified.
 * @param {Point} point center of the eraser.
 * @param {number} radius of the eraser, of the sheet's height.
 * @returns {Stroke[]} the strokes that it missed, and the remaining pieces of the others.
 */
export function erased(strokes, [x, y], radius) {
  return strokes.flatMap((stroke) => {
    const reach = radius + stroke.width / 2;
    const isLeft = ([px, py]) => Math.hypot(px - x, py - y) > reach;
    const points = pointsOnCurve(stroke.points, radius / 4);
    return points.every(isLeft) ? [stroke] : pieces(points, isLeft).map((points) => ({ ...stroke, points }));
  });
}

/** @returns {Point[][]} the longest runs of points that are left. */
export function pieces(points, isLeft) {
  const found = [];
  let wasLeft = false;
  for (const point of points) {
    const left = isLeft(point);
    if (left && wasLeft) found.at(-1).push(point);
    else if (left) found.push([point]);
    wasLeft = left;
  }
  return found;
}
