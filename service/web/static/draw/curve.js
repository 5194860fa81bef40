/** The smooth line of a pen: quadratic curves between the midpoints, with the points as controls. */

/** @import { Point } from "./drawing.js" */

/**
 * @param {Point[]} points
 * @returns {Generator<[Point, Point, Point]>} quadratic curves, each from, control and to.
 */
export function* curves(points) {
  let from = points[0];
  for (let i = 1; i < points.length - 1; i++) {
    const to = points[i].map((value, axis) => (value + points[i + 1][axis]) / 2);
    yield [from, points[i], to];
    from = to;
  }
  const last = points.at(-1);
  yield [from, last, last];
}

/**
 * @param {Point[]} points
 * @param {number} step
 * @returns {Point[]} points on the line, neighbours at most a step apart.
 */
export function pointsOnCurve(points, step) {
  const found = [points[0]];
  if (points.length === 1) return found;
  for (const [from, control, to] of curves(points)) {
    const count = Math.ceil((distance(from, control) + distance(control, to)) / step);
    for (let i = 1; i <= count; i++) found.push(between(from, control, to, i / count));
  }
  return found;
}

function between(from, control, to, t) {
  return from.map((value, axis) => (1 - t) ** 2 * value + 2 * t * (1 - t) * control[axis] + t ** 2 * to[axis]);
}

function distance([x, y], [otherX, otherY]) {
  return Math.hypot(otherX - x, otherY - y);
}
