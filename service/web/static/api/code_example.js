/** A code example with a button that copies it. */

import { texts } from "../texts.js";

const COPIED_SHOWN = 1500; // ms that the button shows "Copied"

export class CodeExample {
  #code;

  /** @param {HTMLElement} figure with a `code` and a button. */
  constructor(figure) {
    this.#code = figure.querySelector("code");
    const button = figure.querySelector("button");
    button.addEventListener("click", async () => {
      await this.#copy();
      button.textContent = texts.copied;
      setTimeout(() => (button.textContent = texts.copy_code), COPIED_SHOWN);
    });
  }

  /** @param {string} code */
  show(code) {
    this.#code.textContent = code;
  }

  async #copy() {
    getSelection().selectAllChildren(this.#code); // so that the keyboard can copy it where the page may not
    await navigator.clipboard?.writeText(this.#code.textContent);
  }
}
