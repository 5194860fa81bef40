/** Draw with the arrow keys: a cursor on a grid that draws while its pen is down. */

/** @import { Drawing } from "./drawing.js" */
/** @import { Pad } from "./pad.js" */
/** @import { Sheet } from "./sheet.js" */

const STEP = 1 / 20; // of the height of the sheet
const DIRECTIONS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [-1, -1],
  PageUp: [1, -1],
  End: [-1, 1],
  PageDown: [1, 1],
};

export class Cursor {
  #mark;
  #drawing;
  #pad;
  #sheet;
  #changed;
  #x = 0.5;
  #y = 0.5;
  #isDown = false;

  /**
   * @param {HTMLElement} element receives the keys while it has the focus.
   * @param {HTMLElement} mark shows the place of the cursor.
   * @param {Drawing} drawing
   * @param {Pad} pad has the width of the pen, and whether it erases.
   * @param {Sheet} sheet that the element shows.
   * @param {(isDown: boolean) => void} changed called whenever the pen goes down or up.
   */
  constructor(element, mark, drawing, pad, sheet, changed) {
    this.#mark = mark;
    this.#drawing = drawing;
    this.#pad = pad;
    this.#sheet = sheet;
    this.#changed = changed;
    element.addEventListener("keydown", (event) => this.#press(event));
    element.addEventListener("blur", () => this.#hide());
    element.addEventListener("pointerdown", () => this.#hide());
  }

  get isDown() {
    return this.#isDown;
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = DIRECTIONS[event.key];
    if (direction) this.#move(direction);
    else if (event.key === " " || event.key === "Enter") this.#toggle();
    else return;
    event.preventDefault(); // otherwise the page scrolls
    this.#show();
  }

  #move([right, down]) {
    this.#x = within(this.#x + right * STEP, this.#sheet.left, this.#sheet.right);
    this.#y = within(this.#y + down * STEP, 0, 1);
    if (this.#isDown && this.#drawing.isActive) this.#drawing.extend([[this.#x, this.#y, 1]]);
    else if (this.#isDown) this.#begin();
  }

  #toggle() {
    this.#isDown = !this.#isDown;
    if (this.#isDown) this.#begin();
    this.#changed(this.#isDown);
  }

  #begin() {
    const begin = this.#pad.isErasing ? "beginErasing" : "begin";
    this.#drawing[begin]([this.#x, this.#y, 1], this.#pad.width);
  }

  #show() {
    this.#mark.hidden = false;
    this.#mark.classList.toggle("down", this.#isDown);
    const [left, top] = this.#sheet.toElement(this.#x, this.#y);
    this.#mark.style.left = `${left}px`;
    this.#mark.style.top = `${top}px`;
  }

  #hide() {
    this.#isDown = false;
    this.#mark.hidden = true;
  }
}

function within(value, low, high) {
  return Math.min(Math.max(value, low + STEP), high - STEP);
}
