/** Asks the service: one question at a time, always the newest, until it answers. */

import { post } from "./service.js";

const FIRST_RETRY = 500; // ms; doubled by each failure in a row
const LAST_RETRY = 8_000; // ms

/**
 * @typedef {object} Prediction what the service answers.
 * @property {?number} digit null: blank.
 * @property {number[]} probabilities ten, of 0 to 9.
 * @property {number} confidence the largest of them.
 * @property {?("blank"|"not_a_digit"|"ambiguous")} reason why not to trust the digit; null: trust it.
 * @property {?string} canonical data URL of the 28x28 that the model saw.
 * @property {{name: string, version: number}} model
 */

export class Predictor {
  #address;
  #pace;
  #answered;
  #failed;
  #question = null;
  #conversation = null;

  /**
   * @param {string} address asked.
   * @param {number} pace ms from one question to the next, at least; easy on the service.
   * @param {object} listeners
   * @param {(prediction: Prediction, milliseconds: number) => void} listeners.answered
   * @param {(words: string) => void} listeners.failed told why there is no answer.
   */
  constructor(address, pace, { answered, failed }) {
    this.#address = address;
    this.#pace = pace;
    this.#answered = answered;
    this.#failed = failed;
  }

  /**
   * Asks as soon as the question before is answered; an older question still waiting is dropped.
   *
   * @param {() => Blob|FormData} question makes the body, when its turn comes.
   */
  ask(question) {
    this.#question = question;
    if (!this.#conversation) this.#converse();
  }

  /** Asks nothing more, and no listener hears of what was asked. */
  forget() {
    this.#question = null;
    this.#conversation?.abort();
    this.#conversation = null;
  }

  async #converse() {
    const conversation = new AbortController();
    this.#conversation = conversation;
    let retry = FIRST_RETRY;
    while (this.#question) {
      const question = this.#question;
      this.#question = null;
      const asked = performance.now();
      const outcome = await post(this.#address, question(), conversation.signal);
      if (conversation.signal.aborted) return;
      if (outcome.answer) this.#answered(outcome.answer, outcome.milliseconds);
      else this.#failed(outcome.words);
      if (outcome.again) this.#question ??= question;
      await pause(outcome.again ? Math.max(retry, outcome.retryAfter) : asked + this.#pace - performance.now());
      if (conversation.signal.aborted) return;
      retry = outcome.again ? Math.min(2 * retry, LAST_RETRY) : FIRST_RETRY;
    }
    this.#conversation = null;
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
