/** The panel "Look inside": the layers of the network with their values for the current digit. */

/** @import { Layer } from "./receptive_field.js" */

import { receptiveField, toSum } from "./receptive_field.js";
import { Filters } from "./filters.js";
import { FeatureMaps } from "./feature_maps.js";
import { NeuronTable } from "./neuron_table.js";
import { PreprocessingSteps } from "./preprocessing_steps.js";
import { format, texts } from "../texts.js";
import { DigitView } from "./digit_view.js";

const WIDEST = 64; // units of a dense layer shown in one row

export class NetworkPanel {
  #root;
  #digitView;
  #neurons;
  #steps;
  #explanation = null;
  #model = null;
  #filters = null;
  #patterns = null;
  #shown = [];
  #selected = null;

  /** @param {HTMLElement} root the panel. */
  constructor(root) {
    this.#root = root;
    this.#digitView = new DigitView(root.querySelector(".digit-view"));
    this.#steps = new PreprocessingSteps(root.querySelector(".steps"));
    this.#neurons = new NeuronTable(root.querySelector(".neurons"));
  }

  /** @param {Prediction} prediction with its explanation. */
  async show({ explanation, model, digit }) {
    this.#explanation = explanation;
    this.#prepare(model);
    const { layers, neurons, steps } = explanation;
    this.#root.querySelector(".lead").textContent = leadWords(layers);
    const paintings = [
      () => this.#steps.show(steps),
      () => this.#digitView.show(explanation),
      ...this.#shown.map((maps, i) => () => maps.show(toMaps(layers[i]))),
      () => this.#neurons.show(neurons, layers.at(-1).values, digit),
    ];
    for (const paint of paintings) {
      await nextFrame(); // so that drawing stays responsive
      if (this.#explanation !== explanation) return;
      paint();
    }
  }

  /** Stop showing the explanation. */
  forget() {
    this.#explanation = null;
  }

  /** Build the layers if the model has changed. */
  #prepare(model) {
    const name = `${model.name} ${model.version}`;
    if (this.#model === name) return;
    this.#model = name;
    this.#filters = new Filters(model, (layer) => this.#arrived(layer));
    const { layers } = this.#explanation;
    const list = this.#root.querySelector(".layers");
    list.replaceChildren();
    this.#shown = layers.slice(0, -1).map((layer, i) => this.#build(list, layer, i, layers));
  }

  #build(list, layer, index, layers) {
    const section = list.appendChild(document.createElement("section"));
    section.className = "layer";
    const number = layers.slice(0, index + 1).filter(({ kind }) => kind === layer.kind).length;
    const heading = section.appendChild(document.createElement("h3"));
    heading.textContent = `${texts[layer.kind]} ${number} `;
    const size = heading.appendChild(document.createElement("small"));
    size.textContent = layer.shape.join("\u2009×\u2009");
    const sentence = section.appendChild(document.createElement("p"));
    sentence.textContent = toSentence(layer);
    if (index === 0 && layer.kind === "convolution") this.#addPatterns(section, layer);
    const canvas = addCanvas(section, format(texts.maps_label, { layer: heading.textContent }));
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    return new FeatureMaps(canvas, (cell) => this.#point(index, cell));
  }

  /** Add the filters of the first layer, which can be shown as pictures; they are blank until they have loaded. */
  #addPatterns(section, { shape: [count], kernel: [height, width] }) {
    const canvas = addCanvas(section, texts.filters);
    canvas.setAttribute("role", "img");
    const caption = canvas.parentElement.appendChild(document.createElement("figcaption"));
    caption.textContent = texts.filters;
    this.#patterns = new FeatureMaps(canvas);
    this.#patterns.show(Array(count).fill(Array(height).fill(Array(width).fill(0)))); // so that nothing moves later
    this.#filters.of(0);
  }

  #arrived(layer) {
    const filters = this.#filters.of(layer);
    if (layer === 0 && filters) this.#patterns.show(filters.weights.map(([plane]) => plane));
    if (this.#selected?.index === layer) this.#point(layer, this.#selected.cell);
  }

  #point(index, cell) {
    this.#selected = cell && { index, cell };
    if (!cell) return this.#digitView.showSaliency();
    const { layers, standardized } = this.#explanation;
    const layer = layers[index];
    const { map, row, column } = isOfUnits(layer) ? { map: cell.row * WIDEST + cell.column, row: 0, column: 0 } : cell;
    const value = [layer.values[map]].flat(2)[row * (layer.shape[2] ?? 1) + column];
    if (value === undefined) return this.#digitView.showSaliency();
    const field = receptiveField(layers, index, row, column);
    const maps = layer.source === null ? [standardized] : layers[layer.source].values;
    const filters = layer.kind === "convolution" && this.#filters.of(index);
    const sum = filters && toSum(layer, maps, filters, map, row, column);
    this.#digitView.showCell(field, layer, value, sum);
  }
}

function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

function addCanvas(section, label) {
  const figure = section.appendChild(document.createElement("figure"));
  const canvas = figure.appendChild(document.createElement("canvas"));
  canvas.setAttribute("aria-label", label);
  return canvas;
}

/** @returns {string} what the colors mean; nothing is below zero after most activations. */
function leadWords(layers) {
  const isBelow = layers.slice(0, -1).some(({ values }) => values.flat(2).some((value) => value < 0));
  return isBelow ? texts.inside_below : texts.inside_more;
}

/** @param {Layer} layer */
function toSentence({ kind, operators, kernel, shape }) {
  const values = { maps: shape[0], height: kernel?.[0], width: kernel?.[1] };
  if (kind !== "pooling") return format(texts[`${kind}_more`], values);
  if (kernel[0] === 0) return texts.pooling_whole;
  return format(operators[0] === "MaxPool" ? texts.pooling_largest : texts.pooling_mean, values);
}

/** Whether each map is a single number. */
function isOfUnits({ shape: [, height = 1, width = 1] }) {
  return height * width === 1;
}

/** Arrange units in rows; return maps unchanged. */
function toMaps(layer) {
  if (!isOfUnits(layer)) return layer.values;
  const units = layer.values.flat(2);
  const rows = Math.ceil(units.length / WIDEST);
  return [Array.from({ length: rows }, (_, i) => units.slice(WIDEST * i, WIDEST * (i + 1)))];
}
