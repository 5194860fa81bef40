/** The page's texts, in the language that the service chose for it. */

/** By name, as in `service/texts.json`. */
export const texts = JSON.parse(document.getElementById("texts").textContent);

/**
 * @param {string} text with names in braces.
 * @param {Object<string, string|number>} values that take their places.
 */
export function format(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** One decimal, and never 100: nothing read from a drawing is certain. */
export function toPercent(probability) {
  return `${Math.min(100 * probability, 99.9).toFixed(1)}\u00a0%`;
}
