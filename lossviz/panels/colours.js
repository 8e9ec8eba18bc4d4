// The colours of numbers: a range in bands, the bar that tells them, and a picture painted with them.

import { make, setAll, show } from "../explorer/elements.js";
import { linear } from "../explorer/geometry.js";
import { clamp, tickText, ticks } from "../explorer/numbers.js";
import { luminance } from "./pixels.js";

/** The colours of spec.range, from low to high: which band a number is in, its pixel, and whether it is a dark one. */
export function coloursOf({ range, colors }) {
  const parts = colors.map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const place = linear(...range, 0, colors.length);
  return {
    band: (value) => clamp(Math.floor(place(value)), 0, colors.length - 1),
    pixels: new Uint32Array(new Uint8Array(parts.flatMap((color) => [...color, 255])).buffer),
    isDark: parts.map((color) => luminance(color) < 0.179), // white is read better on it than black
  };
}

/** The bar of colours at the right of a box, and the pointer that shows where on it a number lies. */
export function drawColourBar(svg, { range, colors, lossLabel }, box) {
  const x = box.x1 + 20;
  const [y0, y1] = [box.y0 + 18, box.y1];
  const scale = linear(...range, y1, y0);
  const step = (y1 - y0) / colors.length;
  make(svg, "text", { x, y: box.y0 + 8, class: "name" }, lossLabel);
  colors.forEach((fill, k) => make(svg, "rect", { x, y: y1 - (k + 1) * step, width: 14, height: step + 0.6, fill }));
  for (const value of ticks(...range, 5)) make(svg, "text", { x: x + 20, y: scale(value) + 4 }, tickText(value));
  return { x, scale, range, pointer: make(svg, "path", { class: "here", d: "M-7 -5L0 0L-7 5z" }) };
}

export function pointAt({ x, scale, range, pointer }, value) {
  show(pointer, isFinite(value));
  if (isFinite(value)) setAll(pointer, { transform: `translate(${x - 2} ${scale(clamp(value, ...range))})` });
}

/** Paints rows of values, one pixel a value: the first row at the top, or at the bottom where y grows upwards. */
export function paint(canvas, { band, pixels }, values, columns, rows, upwards) {
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const out = new Uint32Array(image.data.buffer);
  for (let j = 0, at = 0; j < rows; j++) {
    const start = (upwards ? rows - 1 - j : j) * columns;
    for (let i = 0; i < columns; i++, at++) {
      const z = values[start + i];
      if (z - z === 0) out[at] = pixels[band(z)]; // what is not finite stays transparent
    }
  }
  context.putImageData(image, 0, 0);
}
