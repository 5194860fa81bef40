/** The digit as the network reads it, with its saliency, or with the receptive field of the selected cell. */

/** @import { Field, Layer } from "./receptive_field.js" */

import { largest, FeatureMaps } from "./feature_maps.js";
import { onThemeChange, toPalette } from "./palette.js";
import { format, texts } from "../texts.js";

const SIDE = 28;
const MOST_PLANES = 1; // of a window that are drawn; with more, only the sum is shown

export class DigitView {
  #canvas;
  #message;
  #factors;
  #seen;
  #weights;
  #explanation = null;
  #field = null;

  /** @param {HTMLElement} root with a canvas, a message, and the two factors of a sum. */
  constructor(root) {
    this.#canvas = root.querySelector(".field");
    this.#message = root.querySelector(".message");
    this.#factors = root.querySelector(".factors");
    const [seen, weights] = this.#factors.querySelectorAll("canvas");
    this.#seen = new FeatureMaps(seen);
    this.#weights = new FeatureMaps(weights);
    onThemeChange(() => this.#paint());
  }

  show(explanation) {
    this.#explanation = explanation;
    if (!this.#field) this.showSaliency();
    else this.#paint();
  }

  /** Show how much each pixel matters for the answer. */
  showSaliency() {
    this.#field = null;
    this.#factors.hidden = true;
    this.#message.textContent = texts.saliency;
    this.#paint();
  }

  /**
   * @param {Field} field receptive field of the cell.
   * @param {Layer} layer of the cell.
   * @param {number} value of the cell.
   * @param {?object} sum from `toSum`; absent if the layer has none.
   */
  showCell(field, layer, value, sum) {
    this.#field = field;
    this.#factors.hidden = !sum || sum.seen.length > MOST_PLANES;
    if (!this.#factors.hidden) {
      this.#seen.show(sum.seen, largest([this.#explanation.standardized]));
      this.#weights.show(sum.weights);
    }
    const numbers = sum && {
      products: sum.products,
      total: toText(sum.total),
      bias: toText(sum.bias),
      sum: toText(sum.total + sum.bias),
    };
    const then = layer.operators.slice(1).filter((name) => name !== "Add" && name !== "Identity");
    const steps = [toText(value), ...then].reverse().join(" \u2192 ");
    this.#message.textContent = sum
      ? format(then.length ? texts.sum_then : texts.sum, { ...numbers, then: then.join(", "), value: toText(value) })
      : format(texts.value, { value: toText(value), steps });
    this.#paint();
  }

  #paint() {
    if (!this.#explanation) return;
    const { standardized, saliency } = this.#explanation;
    const palette = toPalette(this.#canvas);
    const [background, inked] = [Math.min(...standardized.flat()), Math.max(...standardized.flat())];
    const most = largest([saliency]);
    const pixels = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) {
      const [row, column] = [Math.floor(i / SIDE), i % SIDE];
      const ink = (standardized[row][column] - background) / (inked - background);
      const share = saliency[row][column] / most;
      const color = this.#field ? palette(-ink) : mix(palette(-0.35 * ink), palette(Math.max(share, 0)), share * ink);
      pixels.data.set([...color, 255], 4 * i);
    }
    const small = new OffscreenCanvas(SIDE, SIDE);
    small.getContext("2d").putImageData(pixels, 0, 0);
    const side = SIDE * Math.max(1, Math.round((this.#canvas.clientWidth * devicePixelRatio) / SIDE));
    this.#canvas.width = this.#canvas.height = side;
    const context = this.#canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, side, side);
    if (this.#field) this.#mark(context, side / SIDE);
  }

  #mark(context, scale) {
    const { top, left, bottom, right } = this.#field;
    context.strokeStyle = getComputedStyle(this.#canvas).color;
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeRect(left * scale, top * scale, (right - left + 1) * scale, (bottom - top + 1) * scale);
  }
}

function mix(from, to, amount) {
  const share = Math.min(Math.max(amount, 0), 1);
  return from.map((channel, i) => channel + share * (to[i] - channel));
}

function toText(value) {
  return value.toFixed(2).replace(/^-0.00$/, "0.00").replace("-", "\u2212");
}
