/** The drawing's way from the page in one language to the page in another; nothing stays behind. */

/** @import { Stroke } from "./drawing.js" */

const KEY = "strokes";

/** @param {Stroke[]} strokes handed to the page that this tab opens next. */
export function carryStrokes(strokes) {
  sessionStorage.setItem(KEY, JSON.stringify(strokes));
}

/** @returns {Stroke[]} what the page before handed over. */
export function carriedStrokes() {
  const carried = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  sessionStorage.removeItem(KEY);
  return carried;
}
