/** What a screen reader says. */

const SETTLED = 200; // ms without change until a text is said: nobody can follow every point of a stroke

export class Announcer {
  #status;
  #settling;

  /** @param {HTMLElement} status a live region. */
  constructor(status) {
    this.#status = status;
  }

  /** @param {string} text said once it has settled; one that is the same as before is not said again. */
  say(text) {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      if (this.#status.textContent !== text) this.#status.textContent = text;
    }, SETTLED);
  }
}
