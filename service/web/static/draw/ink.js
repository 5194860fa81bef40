/** Draw strokes as pixels, on the screen and for the service. */

/** @import { Stroke } from "./drawing.js" */

import { curves } from "./curve.js";

const INK_SIDE = 80; // pixels; the size at which the service mends strokes
const MARGIN = 4; // pixels of paper around the ink
const SPECK = 1e-4; // of the side; some browsers draw nothing for a line of no length, as a dot is

export class Ink {
  #canvas;
  #strokes = [];

  /** @param {HTMLCanvasElement} canvas square; its CSS color is the ink's. */
  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#paint()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  /** @param {Stroke[]} strokes replace those shown before. */
  show(strokes) {
    this.#strokes = strokes;
    this.#paint();
  }

  #paint() {
    drawInto(this.#canvas, this.#strokes);
  }
}

/** Draw strokes on a square canvas, as sharp as the screen is. */
export function drawInto(canvas, strokes) {
  // Measured every time: the layout may have changed, and on another screen the ratio too.
  const side = Math.round(canvas.clientWidth * devicePixelRatio);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.resetTransform();
  context.clearRect(0, 0, side, side);
  context.scale(side, side);
  draw(context, strokes, getComputedStyle(canvas).color);
}

/**
 * Draw strokes black on white and crop to the ink, independent of the screen.
 *
 * The service recognizes 98.97 % of 6,000 digits drawn so, and 98.87 % drawn as the whole pad in 280 x 280 pixels. It
 * takes a third of the bytes and half of the service's time.
 *
 * `toDataURL` encodes at once. `toBlob` and `convertToBlob` wait in Chromium until the page is idle, often a second and
 * at times for ever.
 *
 * @param {Stroke[]} strokes at least one.
 * @returns {Blob} a PNG.
 */
export function toPng(strokes) {
  const { left, top, right, bottom } = inkBounds(strokes);
  const scale = INK_SIDE / Math.max(right - left, bottom - top, SPECK); // an eraser may leave nothing on the pad
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((right - left) * scale) + 2 * MARGIN;
  canvas.height = Math.ceil((bottom - top) * scale) + 2 * MARGIN;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(scale, 0, 0, scale, MARGIN - left * scale, MARGIN - top * scale);
  context.rect(0, 0, 1, 1); // the pad; strokes may leave it
  context.clip();
  draw(context, strokes, "black");
  const [, base64] = canvas.toDataURL("image/png").split(",");
  return new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type: "image/png" });
}

/** The smallest rectangle on the pad that holds all ink, in sides of the pad. */
function inkBounds(strokes) {
  const bounds = { left: 1, top: 1, right: 0, bottom: 0 };
  for (const { width, points } of strokes) {
    for (const [x, y, pressure] of points) {
      const reach = (width * pressure) / 2;
      bounds.left = Math.min(bounds.left, Math.max(x - reach, 0));
      bounds.top = Math.min(bounds.top, Math.max(y - reach, 0));
      bounds.right = Math.max(bounds.right, Math.min(x + reach, 1));
      bounds.bottom = Math.max(bounds.bottom, Math.min(y + reach, 1));
    }
  }
  return bounds;
}

function draw(context, strokes, color) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = color;
  for (const stroke of strokes) drawStroke(context, stroke);
}

/** Draw a stroke with as few paths as its pressure allows: a mouse's stroke is one. */
function drawStroke(context, { width, points }) {
  let pressure = null;
  for (const [from, control, to] of curves(points)) {
    if (control[2] !== pressure) {
      if (pressure !== null) context.stroke();
      pressure = control[2];
      context.lineWidth = width * pressure;
      context.beginPath();
      context.moveTo(from[0], from[1]);
    }
    if (control === to) context.lineTo(to[0] + SPECK, to[1]);
    else context.quadraticCurveTo(control[0], control[1], to[0], to[1]);
  }
  context.stroke();
}
