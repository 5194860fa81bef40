/** Cut one digit out of a picture. */

import { encoded } from "../draw/ink.js";

const MARGIN = 0.12; // paper around the digit, of its longest side: more would show its neighbours
const LONGEST_SIDE = 160; // pixels: the size at which the service keeps a correction

/**
 * @param {HTMLImageElement} image that has loaded.
 * @param {[number, number, number, number]} box x, y, width and height in pixels of the image.
 * @returns {Blob} a PNG.
 */
export function toCrop(image, [x, y, width, height]) {
  const margin = MARGIN * Math.max(width, height);
  const [outerWidth, outerHeight] = [width + 2 * margin, height + 2 * margin];
  const scale = Math.min(1, LONGEST_SIDE / Math.max(outerWidth, outerHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(outerWidth * scale);
  canvas.height = Math.ceil(outerHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, x - margin, y - margin, outerWidth, outerHeight, 0, 0, canvas.width, canvas.height);
  return encoded(canvas);
}
