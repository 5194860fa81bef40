/** The receptive field of a cell of a layer, and the sum that made its value. */

/**
 * @typedef {object} Layer as `predict?explain=1` describes it.
 * @property {"convolution"|"pooling"|"dense"} kind
 * @property {string[]} operators
 * @property {?number} source index of the layer that it reads; null for the digit.
 * @property {?[number, number]} kernel height and width; [0, 0] for the whole map.
 * @property {[number, number]} strides
 * @property {number[]} pads top, left, bottom, right.
 * @property {number} groups
 * @property {number[]} shape maps, height, width; or units.
 * @property {number[][][]|number[]} values
 */

/** @typedef {{top: number, left: number, bottom: number, right: number}} Field inclusive. */

const SIDE = 28;

/**
 * @param {Layer[]} layers
 * @param {number} index of the layer.
 * @param {number} row of the cell.
 * @param {number} column of the cell.
 * @returns {Field} pixels of the digit that the cell depends on.
 */
export function receptiveField(layers, index, row, column) {
  let field = { top: row, left: column, bottom: row, right: column };
  for (let i = index; i !== null; i = layers[i].source) {
    if (isWhole(layers[i])) return { top: 0, left: 0, bottom: SIDE - 1, right: SIDE - 1 };
    field = window(layers[i], field);
  }
  return {
    top: Math.max(field.top, 0),
    left: Math.max(field.left, 0),
    bottom: Math.min(field.bottom, SIDE - 1),
    right: Math.min(field.right, SIDE - 1),
  };
}

/**
 * @param {Layer} layer a convolution.
 * @param {number[][][]} maps that the layer reads.
 * @param {{weights: number[][][][], bias: number[]}} filters of the layer.
 * @param {number} map of the cell.
 * @param {number} row of the cell.
 * @param {number} column of the cell.
 * @returns {{products: number, total: number, bias: number, seen: number[][][], weights: number[][][]}} number of
 *   products, their sum without the bias, and both factors.
 */
export function toSum(layer, maps, filters, map, row, column) {
  const weights = filters.weights[map];
  const first = Math.floor((map * layer.groups) / layer.shape[0]) * weights.length;
  const { top, left, bottom, right } = window(layer, { top: row, left: column, bottom: row, right: column });
  const seen = weights.map((_, channel) =>
    range(top, bottom).map((y) => range(left, right).map((x) => maps[first + channel][y]?.[x] ?? 0)),
  );
  let total = 0;
  weights.forEach((plane, channel) =>
    plane.forEach((line, y) => line.forEach((weight, x) => (total += weight * seen[channel][y][x]))),
  );
  return { products: weights.flat(2).length, total, bias: filters.bias[map], seen, weights };
}

function isWhole({ kind, kernel }) {
  return kind === "dense" || kernel[0] === 0;
}

function window({ kernel, strides, pads }, { top, left, bottom, right }) {
  return {
    top: top * strides[0] - pads[0],
    left: left * strides[1] - pads[1],
    bottom: bottom * strides[0] - pads[0] + kernel[0] - 1,
    right: right * strides[1] - pads[1] + kernel[1] - 1,
  };
}

function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
