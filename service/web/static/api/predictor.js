/** Ask the service one question at a time, always the newest, and again until it answers. */

/** @import { Outcome } from "./post.js" */

const FIRST_RETRY = 500; // ms; doubled by each consecutive failure
const LAST_RETRY = 8_000; // ms

/**
 * @typedef {object} Prediction a response of the service.
 * @property {?number} digit null if the image is blank.
 * @property {number[]} probabilities of the digits 0 to 9.
 * @property {number} confidence the largest of them.
 * @property {?("blank"|"not_a_digit"|"several_digits"|"ambiguous")} reason why the digit is not accepted; null if it is.
 * @property {?string} canonical data URL of the 28x28 image that the model read.
 * @property {{name: string, version: number}} model
 */

/** @template Question */
export class Predictor {
  #post;
  #pace;
  #answered;
  #failed;
  #next = null;
  #sending = null;

  /**
   * @param {(question: Question, signal: AbortSignal) => Promise<Outcome>} post asks the service.
   * @param {number} pace least ms between questions.
   * @param {object} listeners
   * @param {(answer: object, milliseconds: number) => void} listeners.answered
   * @param {(words: string, again: boolean) => void} listeners.failed called with the reason when there is no answer, and
   *   whether the question is asked again.
   */
  constructor(post, pace, { answered, failed }) {
    this.#post = post;
    this.#pace = pace;
    this.#answered = answered;
    this.#failed = failed;
  }

  /**
   * Ask a question once the current one is answered; an older one that still waits is dropped.
   *
   * @param {Question} question
   */
  ask(question) {
    this.#next = question;
    if (!this.#sending) this.#send();
  }

  /** Drop all questions; listeners are not called for them. */
  forget() {
    this.#next = null;
    this.#sending?.abort();
    this.#sending = null;
  }

  async #send() {
    const sending = new AbortController();
    this.#sending = sending;
    let retry = FIRST_RETRY;
    while (this.#next) {
      const question = this.#next;
      this.#next = null;
      const sent = performance.now();
      const outcome = await this.#post(question, sending.signal);
      if (sending.signal.aborted) return;
      if (outcome.answer) this.#answered(outcome.answer, outcome.milliseconds);
      else this.#failed(outcome.words, outcome.again);
      if (outcome.again) this.#next ??= question;
      await pause(outcome.again ? Math.max(retry, outcome.retryAfter) : sent + this.#pace - performance.now());
      if (sending.signal.aborted) return;
      retry = outcome.again ? Math.min(2 * retry, LAST_RETRY) : FIRST_RETRY;
    }
    this.#sending = null;
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
