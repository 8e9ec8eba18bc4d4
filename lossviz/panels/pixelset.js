// A set of pixels: its text, the stroke that adds to it, and its outline. Pure functions.

/** The pixels of a mask's text (masks.py), row by row: 1 where it has one. */
export function bitsOf(text, count) {
  const bits = new Uint8Array(count);
  for (let k = 0; k < count; k++) bits[k] = (parseInt(text[k >> 2], 16) >> (3 - (k & 3))) & 1;
  return bits;
}

/** The way back; whole bytes, the rest of the last one empty. */
export function textOfBits(bits) {
  let text = "";
  for (let k = 0; k < 8 * Math.ceil(bits.length / 8); k += 4) {
    text += (8 * (bits[k] ?? 0) + 4 * (bits[k + 1] ?? 0) + 2 * (bits[k + 2] ?? 0) + (bits[k + 3] ?? 0)).toString(16);
  }
  return text;
}

/** The pixels on the way from one to another, both of them included, so that a fast stroke leaves no gaps. */
export function strokeOf(columns, from, to) {
  const [x0, y0, x1, y1] = [from % columns, Math.floor(from / columns), to % columns, Math.floor(to / columns)];
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  return Array.from({ length: steps + 1 }, (_, k) => {
    const part = steps ? k / steps : 0;
    return Math.round(y0 + part * (y1 - y0)) * columns + Math.round(x0 + part * (x1 - x0));
  });
}

/** All pixels one column to the right; those of the last leave. */
export const shiftedBits = (bits, columns) => bits.map((_, k) => (k % columns ? bits[k - 1] : 0));

/** An SVG path along the borders of pixels around the set, a pixel being `size` wide. */
export function outlineOf(bits, columns, size) {
  const at = (x, y) => (x < 0 || x >= columns ? 0 : (bits[y * columns + x] ?? 0));
  let path = "";
  bits.forEach((bit, k) => {
    if (!bit) return;
    const [x, y] = [k % columns, Math.floor(k / columns)];
    if (!at(x, y - 1)) path += `M${x * size} ${y * size}h${size}`;
    if (!at(x, y + 1)) path += `M${x * size} ${(y + 1) * size}h${size}`;
    if (!at(x - 1, y)) path += `M${x * size} ${y * size}v${size}`;
    if (!at(x + 1, y)) path += `M${(x + 1) * size} ${y * size}v${size}`;
  });
  return path;
}
