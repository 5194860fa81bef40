/** Strokes -> pixels, on the screen and for the service. */

/** @import { Stroke } from "./pad.js" */

const PEN = 0.07; // the pen's width, of the side
const PNG_SIDE = 280; // pixels
const SPECK = 1e-4; // of the side; some browsers draw nothing for a line of no length, and a dot is one

export class Ink {
  #context;
  #strokes = [];

  /** @param {HTMLCanvasElement} canvas square; its CSS color is the ink's. */
  constructor(canvas) {
    this.#context = canvas.getContext("2d");
    new ResizeObserver(() => this.#paint()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  /** @param {Stroke[]} strokes shown, in place of what was. */
  show(strokes) {
    this.#strokes = strokes;
    this.#paint();
  }

  #paint() {
    const { canvas } = this.#context;
    // Asked every time: both the layout and, on another screen, the ratio may have changed.
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== side) canvas.width = canvas.height = side;
    this.#context.resetTransform();
    this.#context.clearRect(0, 0, side, side);
    draw(this.#context, this.#strokes, getComputedStyle(canvas).color);
  }
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
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = color;
  for (const stroke of strokes) context.stroke(toPath(stroke));
}

/** A smooth line: it bends at the points and passes through the middles between them. */
function toPath(stroke) {
  const path = new Path2D();
  path.moveTo(...stroke[0]);
  for (let i = 1; i < stroke.length - 1; i++) {
    const [[x, y], [nextX, nextY]] = [stroke[i], stroke[i + 1]];
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  const [x, y] = stroke.at(-1);
  path.lineTo(x + SPECK, y);
  return path;
}
