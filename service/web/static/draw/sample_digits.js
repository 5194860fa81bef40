/** Ten sample digits to choose from, drawn with strokes. */

/** @import { Stroke } from "./drawing.js" */

import { drawInto } from "./ink.js";

/** The points where the pen bends, in hundredths of the side: x, y, x, y and so on. */
const BENDS = [
  [[60, 14, 40, 15, 27, 33, 25, 58, 34, 80, 52, 86, 68, 74, 75, 52, 72, 28, 60, 15, 54, 14]],
  [[55, 12, 53, 36, 50, 62, 47, 88]],
  [[28, 30, 38, 16, 55, 13, 69, 24, 67, 42, 52, 62, 30, 83, 27, 86, 45, 85, 74, 86]],
  [[30, 20, 46, 12, 64, 18, 66, 33, 52, 45, 44, 47, 60, 50, 71, 64, 64, 81, 46, 88, 28, 80]],
  [[34, 14, 30, 34, 27, 53, 44, 54, 74, 51], [65, 16, 62, 50, 59, 88]],
  [[38, 15, 35, 30, 33, 44, 48, 41, 65, 50, 69, 67, 58, 83, 42, 88, 27, 80], [38, 15, 54, 15, 71, 13]],
  [[60, 12, 45, 24, 34, 44, 30, 66, 38, 84, 54, 87, 67, 75, 62, 59, 47, 55, 34, 66]],
  [[27, 17, 48, 16, 73, 15, 64, 36, 52, 60, 43, 88]],
  [[66, 20, 52, 12, 37, 20, 38, 36, 52, 48, 65, 62, 66, 79, 51, 88, 35, 80, 35, 64, 50, 48, 64, 35, 67, 22]],
  [[66, 24, 51, 14, 36, 22, 34, 38, 46, 47, 61, 39, 67, 24, 66, 50, 62, 70, 57, 88]],
];
const PEN = 0.07; // width of the pen, of the side

/**
 * @param {HTMLElement} root a popover with ten buttons, a canvas in each.
 * @param {(strokes: Stroke[]) => void} chosen
 */
export function showSampleDigits(root, chosen) {
  const canvases = root.querySelectorAll("canvas");
  root.addEventListener("toggle", () => {
    for (const [digit, canvas] of canvases.entries()) drawInto(canvas, toStrokes(digit));
  });
  for (const [digit, canvas] of canvases.entries()) {
    canvas.closest("button").addEventListener("click", () => {
      root.hidePopover();
      chosen(toStrokes(digit));
    });
  }
}

function toStrokes(digit) {
  return BENDS[digit].map((bends) => ({ width: PEN, points: toPoints(bends) }));
}

function toPoints(bends) {
  return Array.from({ length: bends.length / 2 }, (_, i) => [bends[2 * i] / 100, bends[2 * i + 1] / 100, 1]);
}
