/** A section below the rest of the page that a button opens and closes. */

export class Panel {
  #section;
  #button;
  #opened;

  /**
   * @param {HTMLElement} section hidden until it is opened.
   * @param {() => (void|Promise<void>)} [opened] called each time it opens; the panel scrolls into view once the promise resolves.
   */
  constructor(section, opened = () => {}) {
    this.#section = section;
    this.#button = document.querySelector(`[aria-controls=${section.id}]`);
    this.#opened = opened;
    this.#button?.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
  }

  get isOpen() {
    return !this.#section.hidden;
  }

  async open() {
    this.#show(true);
    await this.#opened(); // an empty section cannot be scrolled to
    this.#section.scrollIntoView({ block: "start" });
    this.#section.focus({ preventScroll: true });
  }

  close() {
    this.#show(false);
  }

  #show(isOpen) {
    this.#section.hidden = !isOpen;
    this.#button?.setAttribute("aria-expanded", isOpen);
  }
}
