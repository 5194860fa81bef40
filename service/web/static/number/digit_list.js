/** The digits of a number as text that can be copied, of which one is chosen: by pointing, by a tap, or by arrow keys. */

/** @import { Reading } from "../api/reading.js" */

import { digitName } from "./number_words.js";
import { format, texts } from "../texts.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const LINE_STEPS = { ArrowUp: -1, ArrowDown: 1 };

export class DigitList {
  #root;
  #changed;
  #reading = null;
  #options = [];
  #content = "";
  #chosen = null;
  #pointed = null;

  /**
   * @param {HTMLElement} root a listbox, hidden while there is no number.
   * @param {() => void} changed called when another digit is shown, or the same one is lit.
   */
  constructor(root, changed) {
    this.#root = root;
    this.#changed = changed;
    root.addEventListener("keydown", (event) => this.#press(event));
    root.addEventListener("focusin", ({ target }) => this.choose(this.#options.indexOf(target)));
    // a touch that does not scroll; browsers do not always follow it by the mouse events that would focus
    root.addEventListener("pointerup", ({ target }) => {
      if (this.#options.includes(target)) target.focus({ preventScroll: true });
    });
    root.addEventListener("pointerover", ({ target, pointerType }) => {
      if (pointerType === "mouse") this.point(this.#options.indexOf(target));
    });
    root.addEventListener("pointerleave", () => this.point(-1));
  }

  /** The index of the digit whose bars are shown: pointed at, chosen, the first in doubt, or else the last; -1 for none. */
  get index() {
    return this.lit ?? this.#default();
  }

  /** The index of the digit that the user points at or chose; null if there is none. */
  get lit() {
    return this.#pointed ?? this.#chosen;
  }

  /** @param {Reading} reading of at least one digit. */
  show(reading) {
    const { digits, lines } = reading;
    this.#reading = reading;
    if (this.#pointed >= digits.length) this.#pointed = null;
    if (this.#chosen >= digits.length) this.#chosen = null;
    this.#root.hidden = false;
    this.#build(lines);
    for (const [i, option] of this.#options.entries()) {
      option.setAttribute("aria-label", digitName(reading, i));
      option.classList.toggle("doubtful", digits[i].reason !== null);
    }
    this.#mark();
  }

  hide() {
    this.#root.hidden = true;
    this.#root.replaceChildren();
    this.#options = [];
    this.#content = "";
    this.#reading = this.#chosen = this.#pointed = null;
  }

  /** Show the digit in doubt or the last one again, since the drawing goes on. */
  release() {
    this.#chosen = this.#pointed = null;
  }

  /** @param {number} index of a digit; -1 for none. */
  choose(index) {
    if (index < 0 || index === this.#chosen) return;
    this.#chosen = index;
    this.#mark();
    this.#changed();
  }

  /** @param {number} index of the digit that the mouse is over; -1 for none. */
  point(index) {
    const pointed = index < 0 ? null : index;
    if (pointed === this.#pointed) return;
    this.#pointed = pointed;
    this.#mark();
    this.#changed();
  }

  #default() {
    const digits = this.#reading?.digits ?? [];
    const doubtful = digits.findIndex(({ reason }) => reason !== null);
    return doubtful < 0 ? digits.length - 1 : doubtful;
  }

  /** Make the text anew only if it is another, since that would drop the focus and what is selected. */
  #build(lines) {
    const content = lines.map(({ number }) => number).join("\n");
    if (content === this.#content) return;
    const focused = this.#options.indexOf(document.activeElement);
    this.#content = content;
    this.#options = [];
    this.#root.replaceChildren(...lines.map(({ number }, i) => this.#toLine(number, i, lines.length)));
    this.#root.style.setProperty("--lines", lines.length);
    this.#root.style.setProperty("--longest", Math.max(...lines.map(({ number }) => number.length)));
    this.#options[focused]?.focus({ preventScroll: true });
  }

  #toLine(number, index, count) {
    const line = document.createElement("div");
    if (count > 1) {
      line.setAttribute("role", "group");
      line.setAttribute("aria-label", format(texts.line, { line: index + 1, count }));
    } else line.setAttribute("role", "presentation");
    for (const digit of number) {
      const option = line.appendChild(document.createElement("span"));
      option.setAttribute("role", "option");
      option.textContent = digit;
      this.#options.push(option);
    }
    return line;
  }

  #mark() {
    for (const [i, option] of this.#options.entries()) {
      option.setAttribute("aria-selected", i === this.index);
      option.tabIndex = i === (this.#chosen ?? this.#default()) ? 0 : -1;
    }
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = this.#next(event.key, this.#options.indexOf(event.target));
    if (next === null) return;
    event.preventDefault(); // otherwise the page scrolls
    this.#options[next]?.focus();
  }

  /** @returns {?number} the index that a key leads to; null if it leads nowhere. */
  #next(key, index) {
    if (key === "Home") return 0;
    if (key === "End") return this.#options.length - 1;
    if (key in STEPS) return Math.min(Math.max(index + STEPS[key], 0), this.#options.length - 1);
    if (!(key in LINE_STEPS)) return null;
    const { lines } = this.#reading;
    const line = lines.findIndex(({ digits: [from, to] }) => from <= index && index < to);
    const [from, to] = (lines[line + LINE_STEPS[key]] ?? lines[line]).digits;
    return Math.min(from + index - lines[line].digits[0], to - 1);
  }
}
