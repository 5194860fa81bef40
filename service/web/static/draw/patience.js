/** Hold an uncertain answer back until the pen rests or lifts, so that no doubt flashes while an ordinary digit is begun. */

const RESTING = 700; // ms without a newer answer, since the drawing did not change

export class Patience {
  #isBusy;
  #held = null;
  #resting;

  /** @param {() => boolean} isBusy whether the pen is down. */
  constructor(isBusy) {
    this.#isBusy = isBusy;
  }

  /**
   * @param {boolean} isCertain whether to show the answer at once.
   * @param {() => void} show shows it; not called if a newer answer comes before the pen rests or lifts.
   */
  answer(isCertain, show) {
    this.forget();
    if (isCertain || !this.#isBusy()) return show();
    this.#held = show;
    this.#resting = setTimeout(() => this.end(), RESTING);
  }

  /** Show the answer that was held back. */
  end() {
    const show = this.#held;
    this.forget();
    show?.();
  }

  /** Forget the answer that was held back. */
  forget() {
    clearTimeout(this.#resting);
    this.#held = null;
  }
}
