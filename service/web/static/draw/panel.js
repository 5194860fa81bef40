/** A section below the rest of the page that a button opens and closes; so does the one in it, and Escape. */

export class Panel {
  #section;
  #button;
  #opened;

  #closed;
  #opener = null;

  /**
   * @param {HTMLElement} section hidden until it is opened, with a button `.close`.
   * @param {object} [listeners]
   * @param {() => (void|Promise<void>)} [listeners.opened] called each time it opens; the panel scrolls into view once the
   *   promise resolves.
   * @param {() => void} [listeners.closed] called each time it closes.
   */
  constructor(section, { opened = () => {}, closed = () => {} } = {}) {
    this.#section = section;
    this.#button = document.querySelector(`[aria-controls=${section.id}]`);
    this.#opened = opened;
    this.#closed = closed;
    this.#button?.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    section.querySelector(".close").addEventListener("click", () => this.close());
    section.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // otherwise it would clear the pad
      this.close();
    });
  }

  get isOpen() {
    return !this.#section.hidden;
  }

  async open() {
    this.#opener = this.#button ?? document.activeElement;
    this.#show(true);
    await this.#opened(); // an empty section cannot be scrolled to
    this.#section.scrollIntoView({ block: "start" });
    this.#section.focus({ preventScroll: true });
  }

  /** Close it, and give the focus that was in it back to what opened it. */
  close() {
    const hadFocus = this.#section.contains(document.activeElement);
    this.#show(false);
    if (hadFocus) this.#opener?.focus();
    this.#closed();
  }

  #show(isOpen) {
    this.#section.hidden = !isOpen;
    this.#button?.setAttribute("aria-expanded", isOpen);
  }
}
