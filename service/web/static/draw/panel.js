/** A part of the page that opens below the rest when asked for. */

export class Panel {
  #section;
  #button;
  #opened;

  /**
   * @param {HTMLElement} section hidden until it is opened.
   * @param {() => (void|Promise<void>)} [opened] called each time; what it shows is waited for.
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
    await this.#opened(); // or there would be nothing yet to scroll to
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
