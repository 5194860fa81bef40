/** Keep the drawing while the page changes its language. */

/** @import { Stroke } from "./drawing.js" */

const KEY = "strokes";

/** @param {Stroke[]} strokes for the page that this tab opens next. */
export function saveStrokes(strokes) {
  sessionStorage.setItem(KEY, JSON.stringify(strokes));
}

/** @returns {Stroke[]} strokes that the previous page saved; they are deleted. */
export function takeSavedStrokes() {
  const saved = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  sessionStorage.removeItem(KEY);
  return saved;
}
