/** Asks the service: one question at a time, always the newest, until it answers. */

const PREDICT = "predict?canonical=1";
const PACE = 80; // ms between an answer and the next question; quick to the eye, easy on the service
const PATIENCE = 10_000; // ms for one answer
const FIRST_RETRY = 500; // ms; doubled by each failure in a row
const LAST_RETRY = 8_000; // ms
const BUSY = [429, 503];

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
  #answered;
  #failed;
  #question = null;
  #conversation = null;

  /**
   * @param {object} listeners
   * @param {(prediction: Prediction, milliseconds: number) => void} listeners.answered
   * @param {(words: string) => void} listeners.failed told why there is no answer.
   */
  constructor({ answered, failed }) {
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
      const outcome = await post(question(), conversation.signal);
      if (conversation.signal.aborted) return;
      if (outcome.prediction) this.#answered(outcome.prediction, outcome.milliseconds);
      else this.#failed(outcome.words);
      if (outcome.again) this.#question ??= question;
      await pause(outcome.again ? Math.max(retry, outcome.retryAfter) : PACE);
      if (conversation.signal.aborted) return;
      retry = outcome.again ? Math.min(2 * retry, LAST_RETRY) : FIRST_RETRY;
    }
    this.#conversation = null;
  }
}

/** @returns {Promise<{prediction: Prediction, milliseconds: number} | {words: string, again: boolean}>} */
async function post(body, signal) {
  const started = performance.now();
  try {
    const response = await fetch(PREDICT, {
      method: "POST",
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    if (!response.ok) return await explain(response);
    return { prediction: await response.json(), milliseconds: performance.now() - started };
  } catch {
    return { words: "The service cannot be reached. Trying again.", again: true, retryAfter: 0 };
  }
}

async function explain(response) {
  const retryAfter = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  if (BUSY.includes(response.status)) return { words: "The service is busy. Trying again.", again: true, retryAfter };
  if (response.status >= 500) return { words: "The service failed. Trying again.", again: true, retryAfter };
  const problem = await response.json().catch(() => ({})); // a proxy's own page is not JSON
  return { words: problem.detail ?? `The service refused the picture (${response.status}).`, again: false };
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
