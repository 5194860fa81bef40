/** The tools of the pad: undo, redo, pen, eraser and clear, as buttons and as keys. */

/** @import { Drawing } from "./drawing.js" */
/** @import { Pad } from "./pad.js" */

import { listenToShortcuts } from "./shortcuts.js";
import { format, texts } from "../texts.js";

const PENS = [0.025, 0.04, 0.07, 0.11]; // widths, of the height of the sheet
const MEDIUM = 2;

export class Tools {
  #drawing;
  #pad;
  #canvas;
  #buttons;

  /**
   * @param {HTMLElement} root with the buttons.
   * @param {Drawing} drawing
   * @param {Pad} pad
   * @param {HTMLElement} canvas of the pad.
   */
  constructor(root, drawing, pad, canvas) {
    this.#drawing = drawing;
    this.#pad = pad;
    this.#canvas = canvas;
    this.#buttons = Object.fromEntries([...root.querySelectorAll("button")].map((button) => [button.id, button]));
    const { undo, redo, pen, eraser, clear } = this.#buttons;
    const commands = {
      undo: () => drawing.undo(),
      redo: () => drawing.redo(),
      clear: () => drawing.clear(),
      erase: () => this.#toggleEraser(),
    };
    undo.addEventListener("click", commands.undo);
    redo.addEventListener("click", commands.redo);
    clear.addEventListener("click", commands.clear);
    eraser.addEventListener("click", commands.erase);
    pen.addEventListener("click", () => this.#takePen((PENS.indexOf(pad.width) + 1) % PENS.length));
    listenToShortcuts(canvas, commands);
    this.#takePen(MEDIUM);
    this.update();
  }

  /** Enable what can be done. A disabled button keeps the focus, so that a keyboard is not sent back to the start. */
  update() {
    const { undo, redo, clear } = this.#buttons;
    undo.ariaDisabled = !this.#drawing.canUndo;
    redo.ariaDisabled = !this.#drawing.canRedo;
    clear.ariaDisabled = this.#drawing.isEmpty;
  }

  #takePen(size) {
    this.#pad.width = PENS[size];
    this.#buttons.pen.dataset.size = size;
    this.#buttons.pen.ariaLabel = format(texts.pen_is, { width: texts.pen_widths[size] });
  }

  #toggleEraser() {
    this.#pad.isErasing = !this.#pad.isErasing;
    this.#buttons.eraser.ariaPressed = this.#pad.isErasing;
    this.#canvas.classList.toggle("erasing", this.#pad.isErasing);
  }
}
