/** Strokes -> pixels, on the screen and for the service. */

/** @import { Stroke } from "./drawing.js" */

import { curves } from "./curve.js";

const PNG_SIDE = 280; // pixels
const SPECK = 1e-4; // of the side; some browsers draw nothing for a line of no length, and a dot is one

export class Ink {
  #canvas;
  #strokes = [];

  /** @param {HTMLCanvasElement} canvas square; its CSS color is the ink's. */
  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#paint()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  /** @param {Stroke[]} strokes shown, in place of what was. */
  show(strokes) {
    this.#strokes = strokes;
    this.#paint();
  }

  #paint() {
    drawInto(this.#canvas, this.#strokes);
  }
}

/** Draws strokes on a canvas, as sharp as the screen is. */
export function drawInto(canvas, strokes) {
  // Asked every time: both the layout and, on another screen, the ratio may have changed.
  const side = Math.round(canvas.clientWidth * devicePixelRatio);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.resetTransform();
  context.clearRect(0, 0, side, side);
  draw(context, strokes, getComputedStyle(canvas).color);
}

/**
 * Draws strokes black on white, independent of the screen.
 *
 * By `toDataURL`, which encodes at once: `toBlob` and `convertToBlob` wait in Chromium until the page is idle, often a
 * second and at times for ever.
 *
 * @param {Stroke[]} strokes
 * @returns {Blob} a square PNG.
 */
export function toPng(strokes) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PNG_SIDE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, PNG_SIDE, PNG_SIDE);
  draw(context, strokes, "black");
  const [, base64] = canvas.toDataURL("image/png").split(",");
  return new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type: "image/png" });
}

function draw(context, strokes, color) {
  const { width, height } = context.canvas;
  context.setTransform(width, 0, 0, height, 0, 0);
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = color;
  for (const stroke of strokes) drawStroke(context, stroke);
}

/** As few paths as the pressure allows: a mouse's stroke is one. */
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
