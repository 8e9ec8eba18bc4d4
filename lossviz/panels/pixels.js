// The pixels of a map: a fine grid from a coarse one, and what is read well on a colour. Pure functions.

/** A grid of rows x columns values, enlarged to height x width by linear interpolation along both sides. */
export function enlarge(grid, columns, rows, width, height) {
  const places = Array.from({ length: width }, (_, k) => (k / (width - 1)) * (columns - 1));
  const cells = Int32Array.from(places, (u) => Math.min(columns - 2, u));
  const parts = Float64Array.from(places, (u, k) => u - cells[k]);
  const line = new Float64Array(columns);
  const out = new Float32Array(width * height);
  for (let j = 0, at = 0; j < height; j++) {
    const v = (j / (height - 1)) * (rows - 1);
    const near = Math.min(rows - 2, Math.floor(v)) * columns;
    const t = v - near / columns;
    for (let i = 0; i < columns; i++) line[i] = grid[near + i] * (1 - t) + grid[near + columns + i] * t;
    for (let k = 0; k < width; k++) out[at++] = line[cells[k]] * (1 - parts[k]) + line[cells[k] + 1] * parts[k];
  }
  return out;
}

/** The relative luminance (WCAG) of [red, green, blue] in 0…255. */
export function luminance(color) {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
