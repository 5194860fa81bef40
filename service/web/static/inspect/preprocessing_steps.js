/** The images of the preprocessing steps. */

import { texts } from "../texts.js";

export class PreprocessingSteps {
  #list;

  /** @param {HTMLOListElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {{name: string, image: string}[]} steps in order; an image is a data URL. */
  show(steps) {
    while (this.#list.children.length > steps.length) this.#list.lastChild.remove();
    for (const [i, { name, image }] of steps.entries()) {
      const item = this.#list.children[i] ?? this.#list.appendChild(toItem());
      item.querySelector("img").src = image;
      item.querySelector("figcaption").textContent = texts.step_names[name];
    }
  }
}

function toItem() {
  const item = document.createElement("li");
  const figure = item.appendChild(document.createElement("figure"));
  figure.appendChild(document.createElement("img")).alt = "";
  figure.appendChild(document.createElement("figcaption"));
  return item;
}
