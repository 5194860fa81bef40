/** Texts for screen readers. */

const SETTLED = 200; // ms without change before a text is announced, since a stroke changes the answer at every point

export class Announcer {
  #status;
  #settling;

  /** @param {HTMLElement} status a live region. */
  constructor(status) {
    this.#status = status;
  }

  /** @param {string} text announced once it has settled, unless it is the same as before. */
  say(text) {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      if (this.#status.textContent !== text) this.#status.textContent = text;
    }, SETTLED);
  }
}
