/** One question to the service, and what comes of it. */

import { format, texts } from "../texts.js";

const PATIENCE = 10_000; // ms for one answer
const BUSY = [429, 503];

/**
 * @typedef {object} Outcome
 * @property {object} [answer] of the service; absent: there is none.
 * @property {number} milliseconds that it took.
 * @property {string} [words] why there is no answer.
 * @property {boolean} [again] whether it is worth asking again.
 * @property {number} [retryAfter] ms that the service wants to be left alone for.
 */

/**
 * @param {string} address
 * @param {Blob|FormData|string} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<Outcome>}
 */
export async function post(address, body, signal = new AbortController().signal) {
  const started = performance.now();
  try {
    const response = await fetch(address, {
      method: "POST",
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    if (!response.ok) return await refusal(response);
    return { answer: await response.json(), milliseconds: performance.now() - started };
  } catch {
    return { words: texts.unreachable, again: true, retryAfter: 0 };
  }
}

/** @param {{code: string, detail: string}} problem as the service describes it. */
export function toWords(problem) {
  return texts.problems[problem.code] ?? problem.detail;
}

async function refusal(response) {
  const retryAfter = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  if (BUSY.includes(response.status)) return { words: texts.busy, again: true, retryAfter };
  if (response.status >= 500) return { words: texts.failed, again: true, retryAfter };
  const problem = await response.json().catch(() => ({})); // a proxy's own page is not JSON
  return { words: toWords(problem) ?? format(texts.refused, response), again: false };
}
