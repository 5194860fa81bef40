/** Keyboard shortcuts. */

const CLEAR = ["Escape", "Delete", "Backspace"];

/** @param {{undo: () => void, redo: () => void, clear: () => void, erase: () => void}} commands */
export function listenToShortcuts(commands) {
  document.addEventListener("keydown", (event) => {
    const command = toCommand(event);
    if (!command || document.querySelector(":popover-open")) return;
    event.preventDefault();
    commands[command]();
  });
}

function toCommand({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  const letter = key.toLowerCase();
  if (ctrlKey || metaKey) {
    if (letter === "z") return shiftKey ? "redo" : "undo";
    return letter === "y" ? "redo" : null;
  }
  if (altKey) return null;
  if (letter === "e") return "erase";
  return CLEAR.includes(key) ? "clear" : null;
}
