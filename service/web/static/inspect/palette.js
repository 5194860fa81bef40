/** Map numbers to colors of the theme: the accent above 0, the ink below. */

const STEPS = 257; // shades from -1 to 1
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @param {() => void} changed called when the theme changes. */
export function onThemeChange(changed) {
  dark.addEventListener("change", changed);
}

/**
 * @param {Element} element that has the theme's colors.
 * @returns {(share: number) => number[]} -1..1 -> red, green and blue, 0..255.
 */
export function toPalette(element) {
  const style = getComputedStyle(element);
  const [nothing, above, below] = ["--track", "--accent", "--ink"].map((name) => toChannels(style, name));
  return (share) => {
    const end = share > 0 ? above : below;
    const amount = Math.min(Math.abs(share), 1);
    return nothing.map((channel, i) => channel + amount * (end[i] - channel));
  };
}

/**
 * @param {Element} element that has the theme's colors.
 * @returns {Uint32Array} the palette as pixels of an ImageData: the first is the color of -1, the middle one that of 0.
 */
export function toPixels(element) {
  const palette = toPalette(element);
  const colors = new Uint8ClampedArray(4 * STEPS);
  for (let i = 0; i < STEPS; i++) colors.set([...palette((2 * i) / (STEPS - 1) - 1), 255], 4 * i);
  return new Uint32Array(colors.buffer);
}

/** Read the channels of `light-dark(#rrggbb, #rrggbb)` in the current theme. */
function toChannels(style, name) {
  const [light, night = light] = style.getPropertyValue(name).match(/#[0-9a-f]{6}/gi);
  const color = dark.matches ? night : light;
  return [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
}
