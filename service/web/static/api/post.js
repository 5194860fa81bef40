/** Post one request to the service. */

import { format, texts } from "../texts.js";

const TIMEOUT = 10_000; // ms
const BUSY = [429, 503];

/**
 * @typedef {object} Outcome
 * @property {object} [answer] the response, if it succeeded.
 * @property {number} [milliseconds] from the request to the response.
 * @property {string} [words] why there is no answer.
 * @property {boolean} [again] whether to retry.
 * @property {number} [retryAfter] ms to wait before a retry, as the service asks.
 */

/**
 * @param {string} address
 * @param {Blob|FormData|string} body
 * @param {AbortSignal} [signal]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Outcome>}
 */
export async function post(address, body, signal = new AbortController().signal, headers = {}) {
  const started = performance.now();
  try {
    const response = await fetch(address, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    if (!response.ok) return await refusal(response);
    return { answer: await response.json(), milliseconds: performance.now() - started };
  } catch {
    return { words: texts.unreachable, again: true, retryAfter: 0 };
  }
}

/** @param {{code: string, detail: string}} problem document of the service. */
export function toWords(problem) {
  return texts.problems[problem.code] ?? problem.detail;
}

async function refusal(response) {
  const retryAfter = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  if (BUSY.includes(response.status)) return { words: texts.busy, again: true, retryAfter };
  if (response.status >= 500) return { words: texts.failed, again: true, retryAfter };
  const problem = await response.json().catch(() => ({})); // a proxy's error page is not JSON
  return { words: toWords(problem) ?? format(texts.refused, response), again: false };
}
