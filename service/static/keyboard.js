/** Keys -> commands. */

const CLEAR = ["Escape", "Delete", "Backspace"];

/** @param {{undo: () => void, clear: () => void}} commands */
export function listenToKeys({ undo, clear }) {
  document.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (!isUndo && !CLEAR.includes(event.key)) return;
    event.preventDefault();
    if (isUndo) undo();
    else clear();
  });
}
