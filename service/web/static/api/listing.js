/** Code to be read and copied. */

import { texts } from "../texts.js";

const THANKED = 1500; // ms for which the button says that it did

export class Listing {
  #code;

  /** @param {HTMLElement} figure with a `code` and a button. */
  constructor(figure) {
    this.#code = figure.querySelector("code");
    const button = figure.querySelector("button");
    button.addEventListener("click", async () => {
      await this.#copy();
      button.textContent = texts.copied;
      setTimeout(() => (button.textContent = texts.copy_code), THANKED);
    });
  }

  /** @param {string} code */
  show(code) {
    this.#code.textContent = code;
  }

  async #copy() {
    getSelection().selectAllChildren(this.#code); // which the keyboard can copy, where the page may not
    await navigator.clipboard?.writeText(this.#code.textContent);
  }
}
