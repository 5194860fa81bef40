/** Feature maps side by side on a canvas; a cell of them can be selected. */

import { onThemeChange, toPixels } from "./palette.js";

const MOST_COLUMNS = 16;
const LEAST_COLUMNS = 4;
const SMALLEST = 44; // least CSS pixels of a map's side; less for maps of a few cells
const SMALLEST_CELL = 7;
const FINEST = 2; // device pixels of a cell
const GAP = 2; // least CSS pixels; the remainder of whole pixels goes to the gaps, so that all layers have the same width
const WIDE_GAP = 12; // CSS pixels; rather than with wider gaps, maps stand in rows of which the last is not full
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** @typedef {{map: number, row: number, column: number}} Cell */

export class FeatureMaps {
  #canvas;
  #pointed;
  #maps = [];
  #most = 1;
  #tile = { columns: 1, height: 1, width: 1, scale: 1, gap: 0 };
  #cell = null;
  #mark = document.createElement("span");
  #room = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(cell: ?Cell) => void} [pointed] called with the selected cell; null for none.
   */
  constructor(canvas, pointed) {
    this.#canvas = canvas;
    this.#pointed = pointed;
    new ResizeObserver(([{ contentRect }]) => {
      this.#room = contentRect.width; // reading the layout while painting would take longer than the painting
      this.#paint();
    }).observe(canvas.parentElement);
    onThemeChange(() => this.#paint());
    if (!pointed) return;
    this.#mark.className = "cell";
    this.#mark.hidden = true;
    canvas.after(this.#mark);
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") this.#point(this.#cellAt(event));
    });
    canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") this.#point(null);
    });
    canvas.addEventListener("pointerup", (event) => {
      if (event.pointerType === "mouse") return;
      canvas.focus({ preventScroll: true }); // browsers do not always follow a touch by the mouse events that would focus
      this.#point(this.#cellAt(event)); // lasts until the next tap
    });
    canvas.addEventListener("blur", () => this.#point(null));
    canvas.addEventListener("keydown", (event) => this.#step(event));
  }

  /**
   * @param {number[][][]} maps (maps, height, width), all shown on one scale.
   * @param {number} [most] the value with the strongest color; by default the largest.
   */
  show(maps, most = largest(maps)) {
    this.#maps = maps;
    this.#most = most;
    this.#paint();
    if (this.#cell) this.#pointed(this.#cell);
  }

  #paint() {
    if (!this.#maps.length || !this.#room) return;
    this.#fit();
    const { columns, height, width, scale, gap } = this.#tile;
    const colors = toPixels(this.#canvas);
    const middle = (colors.length - 1) / 2;
    const context = this.#canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    const small = new OffscreenCanvas(width, height);
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (const [i, map] of this.#maps.entries()) {
      let at = 0;
      for (const row of map) for (const value of row) pixels[at++] = colors[Math.round(middle + (middle * value) / this.#most)];
      small.getContext("2d").putImageData(image, 0, 0);
      const [x, y] = [(i % columns) * (width * scale + gap), Math.floor(i / columns) * (height * scale + gap)];
      context.drawImage(small, x, y, width * scale, height * scale);
    }
  }

  /** Choose the layout with whole device pixels for each cell. */
  #fit() {
    const [height, width] = [this.#maps[0].length, this.#maps[0][0].length];
    const columns = Math.min(this.#maps.length, this.#columns(width));
    const { scale, gap } = this.#row(columns, width);
    const rows = Math.ceil(this.#maps.length / columns);
    this.#tile = { columns, height, width, scale, gap };
    const size = { width: columns * (width * scale + gap) - gap, height: rows * (height * scale + gap) - gap };
    if (this.#canvas.width === size.width && this.#canvas.height === size.height) return;
    Object.assign(this.#canvas, size);
    this.#canvas.style.width = `${size.width / devicePixelRatio}px`;
  }

  /** Choose how many maps are in a row: as many in full rows as are large enough, or a few more if that brings them closer. */
  #columns(width) {
    const smallest = Math.min(SMALLEST, SMALLEST_CELL * width);
    const clear = [];
    for (let columns = LEAST_COLUMNS; columns <= MOST_COLUMNS; columns++) {
      const { scale, gap } = this.#row(columns, width);
      if (this.#room / columns >= smallest && scale >= FINEST) clear.push({ columns, gap: gap / devicePixelRatio });
    }
    const full = clear.findLast(({ columns }) => this.#maps.length % columns === 0);
    const close = clear.find(({ columns, gap }) => columns >= full?.columns && gap <= WIDE_GAP);
    return (close ?? clear.sort((one, other) => one.gap - other.gap)[0])?.columns ?? LEAST_COLUMNS;
  }

  /** Lay out a row: device pixels of a cell and between maps. */
  #row(columns, width) {
    const room = this.#room * devicePixelRatio;
    const scale = Math.max(1, Math.floor((room / columns - GAP * devicePixelRatio) / width));
    const gap = columns > 1 ? Math.max(0, Math.floor((room - columns * width * scale) / (columns - 1))) : 0;
    return { scale, gap };
  }

  #place() {
    this.#mark.hidden = !this.#cell;
    if (!this.#cell) return;
    const { columns, height, width, scale, gap } = this.#tile;
    const { map, row, column } = this.#cell;
    const x = (map % columns) * (width * scale + gap) + column * scale;
    const y = Math.floor(map / columns) * (height * scale + gap) + row * scale;
    for (const [name, pixels] of Object.entries({ left: x, top: y, width: scale, height: scale })) {
      this.#mark.style[name] = `${pixels / devicePixelRatio}px`;
    }
  }

  #cellAt({ offsetX, offsetY }) {
    const { columns, height, width, scale, gap } = this.#tile;
    const [x, y] = [offsetX * devicePixelRatio, offsetY * devicePixelRatio];
    const [across, down] = [width * scale + gap, height * scale + gap];
    const map = Math.floor(y / down) * columns + Math.floor(x / across);
    const [row, column] = [Math.floor((y % down) / scale), Math.floor((x % across) / scale)];
    const exists = x >= 0 && y >= 0 && x / across < columns && map < this.#maps.length && row < height && column < width;
    return exists ? { map, row, column } : null;
  }

  #step(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const { columns, height, width } = this.#tile;
    const { map, row, column } = this.#cell ?? { map: 0, row: 0, column: -step[1] };
    const [y, x] = [row + step[0], column + step[1]];
    const next = map + Math.floor(x / width) + columns * Math.floor(y / height);
    if (next in this.#maps) this.#point({ map: next, row: (y + height) % height, column: (x + width) % width });
  }

  #point(cell) {
    const isSame = JSON.stringify(cell) === JSON.stringify(this.#cell);
    if (isSame) return;
    this.#cell = cell;
    this.#place();
    this.#pointed(cell);
  }
}

/** @returns {number} the largest absolute value, never 0. */
export function largest(maps) {
  let most = 1e-9;
  for (const map of maps) for (const row of map) for (const value of row) most = Math.max(most, Math.abs(value));
  return most;
}
