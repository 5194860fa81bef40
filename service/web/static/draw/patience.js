/** Hold an uncertain answer back until the pen lifts, so that no doubt flashes while an ordinary digit is begun. */

export class Patience {
  #isBusy;
  #held = null;

  /** @param {() => boolean} isBusy whether the pen is down. */
  constructor(isBusy) {
    this.#isBusy = isBusy;
  }

  /**
   * @param {boolean} isCertain whether to show the answer at once.
   * @param {() => void} show shows it; not called if a newer answer comes before the pen lifts.
   */
  answer(isCertain, show) {
    this.#held = show;
    if (isCertain || !this.#isBusy()) this.end();
  }

  /** Show the answer that was held back: the pen is up. */
  end() {
    const show = this.#held;
    this.#held = null;
    show?.();
  }

  /** Forget the answer that was held back. */
  forget() {
    this.#held = null;
  }
}
