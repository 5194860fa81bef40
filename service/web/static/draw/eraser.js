/** Strokes less what an eraser touched. */

/** @import { Point, Stroke } from "./drawing.js" */

import { pointsOnCurve } from "./curve.js";

/**
 * @param {Stroke[]} strokes left as they are.
 * @param {Point} point where the eraser is.
 * @param {number} radius of it, of the pad's side.
 * @returns {Stroke[]} those that it missed, and the pieces of those that it touched.
 */
export function erased(strokes, [x, y], radius) {
  return strokes.flatMap((stroke) => {
    const reach = radius + stroke.width / 2;
    const isLeft = ([px, py]) => Math.hypot(px - x, py - y) > reach;
    const points = pointsOnCurve(stroke.points, radius / 4);
    return points.every(isLeft) ? [stroke] : pieces(points, isLeft).map((points) => ({ ...stroke, points }));
  });
}

function pieces(points, isLeft) {
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
