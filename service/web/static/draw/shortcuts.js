/** Keyboard shortcuts. */

const ANYWHERE = { Escape: "clear" };
const ON_PAD = { Delete: "clear", Backspace: "clear" };
const LETTERS_ON_PAD = { e: "erase" }; // letters anywhere else may be meant for a screen reader or a voice control

/**
 * @param {HTMLElement} pad
 * @param {{undo: () => void, redo: () => void, clear: () => void, erase: () => void}} commands
 */
export function listenToShortcuts(pad, commands) {
  document.addEventListener("keydown", (event) => {
    const command = toCommand(event, event.target === pad);
    if (!command || event.defaultPrevented || document.querySelector(":popover-open")) return;
    event.preventDefault();
    commands[command]();
  });
}

function toCommand(event, isOnPad) {
  const { key, ctrlKey, metaKey, shiftKey, altKey, repeat } = event;
  const letter = toLetter(event);
  if (ctrlKey || metaKey) {
    if (letter === "z") return shiftKey ? "redo" : "undo";
    return letter === "y" ? "redo" : null;
  }
  if (altKey) return null;
  if (isOnPad && !repeat && letter in LETTERS_ON_PAD) return LETTERS_ON_PAD[letter];
  return ANYWHERE[key] ?? (isOnPad ? ON_PAD[key] : null);
}

/** @returns {string} the Latin letter of a key, by its place where the layout has others, as for Hangul. */
function toLetter({ key, code }) {
  return /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/^Key/, "").toLowerCase();
}
