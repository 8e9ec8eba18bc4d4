// The table that Python computed: unpacking it, and finding the row of a setting. Pure functions.

const DROPPED_BITS = 4; // as in lookup.py

/** Undoes `pack` of lookup.py: inflate, put the bytes of each number together again, add the differences up. */
export async function unpack(base64, blocks) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = bytes.length / 4;
  const out = new Int32Array(count);
  for (const { offset, positions, size } of blocks) {
    const across = size >= 16; // long rows were packed along the row, short ones along the positions
    const total = positions * size;
    let slope = 0;
    let value = 0;
    for (let k = 0; k < total; k++) {
      const i = offset + k;
      const z = bytes[i] | (bytes[count + i] << 8) | (bytes[2 * count + i] << 16) | (bytes[3 * count + i] << 24);
      slope = (slope + ((z >>> 1) ^ -(z & 1))) | 0;
      value = (value + slope) | 0;
      const place = across ? k : (k % positions) * size + Math.floor(k / positions);
      out[offset + place] = value << DROPPED_BITS;
    }
  }
  return new Float32Array(out.buffer);
}

/** The numbers of one series at the present setting. `index` maps a control's name to its position. */
export function rowOf(spec, table, series, index) {
  let position = 0;
  for (const name of series.axes) position = position * spec.lengths[name] + index[name];
  const start = series.offset + position * series.size;
  return table.subarray(start, start + series.size);
}

/** `row(series, index)` for one table. */
export const rowReader = (spec, table) => (series, index) => rowOf(spec, table, series, index);
