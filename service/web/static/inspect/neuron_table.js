/** A table of the strongest neurons before the output, with their weights for and against each digit. */

import { texts } from "../texts.js";

export class NeuronTable {
  #body;
  #head;

  /** @param {HTMLTableElement} table with ten columns for digits. */
  constructor(table) {
    this.#body = table.querySelector("tbody");
    this.#head = table.querySelector("thead tr");
  }

  /**
   * @param {{index: number, value: number, weights: number[]}[]} neurons
   * @param {number[]} logits
   * @param {number} digit predicted.
   */
  show(neurons, logits, digit) {
    const most = Math.max(1e-9, ...neurons.flatMap(({ weights }) => weights.map(Math.abs)));
    const rows = neurons.map(({ index, value, weights }) => toRow([`#${index}`, toText(value)], weights, most));
    const total = toRow(["\u03a3", ""], logits, Math.max(1e-9, ...logits.map(Math.abs)));
    this.#body.replaceChildren(...rows, total);
    while (this.#head.cells.length < logits.length + 2) this.#addNoDigit();
    [...this.#head.cells].forEach((head, column) => head.classList.toggle("candidate", column === digit + 2));
  }

  /** Add a column for the eleventh output of some networks: non-digits. */
  #addNoDigit() {
    const head = this.#head.appendChild(document.createElement("th"));
    head.scope = "col";
    head.textContent = texts.no_digit;
  }
}

function toRow([name, value], numbers, most) {
  const row = document.createElement("tr");
  const head = row.appendChild(document.createElement("th"));
  head.scope = "row";
  head.textContent = name;
  row.insertCell().textContent = value;
  for (const number of numbers) {
    const cell = row.insertCell();
    cell.textContent = toText(number);
    cell.className = number < 0 ? "against" : "for";
    cell.style.setProperty("--share", Math.abs(number) / most);
  }
  return row;
}

function toText(value) {
  return value.toFixed(Math.abs(value) < 9.95 ? 2 : 1).replace("-", "\u2212");
}
