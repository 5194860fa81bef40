/** Find the ink of each digit of a number among the strokes. */

/** @import { Point, Stroke } from "../draw/drawing.js" */

const WHOLE = 0.8; // share of a stroke's points in one box, from which on the whole stroke is that digit's

/**
 * @param {Stroke[]} strokes
 * @param {[number, number, number, number][]} boxes x, y, width and height of each digit, on the sheet.
 * @returns {Stroke[][]} the strokes of each digit; one stroke that draws several digits is cut.
 */
export function splitStrokes(strokes, boxes) {
  const found = boxes.map(() => []);
  for (const stroke of strokes) {
    const owners = stroke.points.map((point) => nearest(point, boxes, stroke.width));
    const main = mostFrequent(owners);
    const share = owners.filter((owner) => owner === main).length / owners.length;
    const pieces = share >= WHOLE ? [{ owner: main, points: stroke.points }] : runs(stroke.points, owners);
    for (const { owner, points } of pieces) found[owner]?.push({ ...stroke, points });
  }
  return found;
}

/** @returns {number} the index of the box that holds the point or is nearest to it; -1 if all are further than `reach`. */
function nearest([x, y], boxes, reach) {
  const distances = boxes.map(([left, top, width, height]) => {
    const [aside, above] = [beyond(x, left, left + width), beyond(y, top, top + height)];
    const toMiddle = Math.abs(x - left - width / 2) / width; // decides between boxes that overlap
    return Math.hypot(aside, above) + toMiddle * 1e-6;
  });
  const least = Math.min(...distances);
  return least <= reach ? distances.indexOf(least) : -1;
}

function beyond(value, low, high) {
  return Math.max(low - value, 0, value - high);
}

function mostFrequent(owners) {
  const counts = new Map();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return [...counts.keys()].reduce((most, owner) => (counts.get(owner) > counts.get(most) ? owner : most));
}

/** @returns {{owner: number, points: Point[]}[]} neighbouring points of the same owner. */
function runs(points, owners) {
  const found = [];
  for (const [i, point] of points.entries()) {
    if (i > 0 && owners[i] === owners[i - 1]) found.at(-1).points.push(point);
    else found.push({ owner: owners[i], points: [point] });
  }
  return found;
}
