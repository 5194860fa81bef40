/** A table of the strongest neurons before the output: what each adds to the sum of each digit. */

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
    const shown = neurons.map(({ value, weights }) => weights.map((weight) => rounded(value * weight)));
    const sums = logits.map(rounded);
    const others = sums.map((sum, i) => shown.reduce((rest, row) => rest - row[i], sum)); // so that each column adds up
    const most = largest(shown);
    const rows = neurons.map(({ index, value }, i) => toRow([`#${index}`, toText(value)], shown[i], most));
    const together = [toRow([texts.other_neurons, ""], others, largest([others])), toRow(["\u03a3", ""], sums, largest([sums]))];
    this.#body.replaceChildren(...rows, ...together);
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

function largest(rows) {
  return Math.max(1e-9, ...rows.flat().map(Math.abs));
}

function rounded(value) {
  return Math.round(100 * value) / 100;
}

function toText(value) {
  return value.toFixed(2).replace(/^-0.00$/, "0.00").replace("-", "\u2212");
}
