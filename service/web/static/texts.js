/** The page's texts in the language that the service chose. */

/** By the names in `service/web/texts.json`. */
export const texts = JSON.parse(document.getElementById("texts").textContent);

/**
 * @param {string} text with names in braces.
 * @param {Object<string, string|number>} values for the names.
 */
export function format(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Format with one decimal, at most 99.9: no prediction is certain. */
export function toPercent(probability) {
  return `${Math.min(100 * probability, 99.9).toFixed(1)}\u00a0%`;
}
