/** Post one request to the service. */

import { format, texts } from "../texts.js";

const SILENCE = 10_000; // ms in which nothing moves; a slow line is waited for, a dead one is not
const SLOWEST = 5; // bytes a ms: at this rate what the system took over at once may still leave it
const BUSY = [429, 503];
const SUSPENDED = 408; // the body did not come, as when a phone slept

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
 * @param {object} [options]
 * @param {AbortSignal} [options.signal]
 * @param {Record<string, string>} [options.headers]
 * @param {(share: number) => void} [options.progressed] called with the share of the body that has left, 0..1.
 * @returns {Promise<Outcome>}
 */
export function post(address, body, { signal, headers = {}, progressed } = {}) {
  const started = performance.now();
  const request = new XMLHttpRequest(); // fetch does not tell how much of a body has left
  const abort = () => request.abort();
  let silence;
  const listen = (milliseconds) => {
    clearTimeout(silence);
    silence = setTimeout(abort, milliseconds);
  };
  return new Promise((resolve) => {
    request.open("POST", address);
    request.responseType = "json";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      listen(SILENCE);
      progressed?.(loaded / total);
    });
    request.upload.addEventListener("load", ({ loaded }) => listen(SILENCE + loaded / SLOWEST));
    request.addEventListener("progress", () => listen(SILENCE));
    request.addEventListener("loadend", () => {
      clearTimeout(silence);
      signal?.removeEventListener("abort", abort);
      resolve(toOutcome(request, performance.now() - started));
    });
    signal?.addEventListener("abort", abort);
    listen(SILENCE);
    request.send(body);
  });
}

/** @param {{code: string, detail: string}} problem document of the service. */
export function toWords(problem) {
  return texts.problems[problem.code] ?? problem.detail;
}

function toOutcome(request, milliseconds) {
  const { status, response } = request;
  if (status === 200 || status === 201) return response ? { answer: response, milliseconds } : unreachable();
  return status && status !== SUSPENDED ? refusal(request) : unreachable();
}

function unreachable() {
  return { words: texts.unreachable, again: true, retryAfter: 0 };
}

function refusal(request) {
  const { status, response } = request;
  const retryAfter = 1000 * (Number(request.getResponseHeader("Retry-After")) || 0);
  if (BUSY.includes(status)) return { words: texts.busy, again: true, retryAfter };
  if (status >= 500) return { words: texts.failed, again: true, retryAfter };
  return { words: toWords(response ?? {}) ?? format(texts.refused, { status }), again: false }; // a proxy's page is not JSON
}
