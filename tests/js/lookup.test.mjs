import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { rowOf, rowReader, unpack } from "../../lossviz/explorer/lookup.js";

test("unpack adds second differences up, along rows and along positions", async () => {
  // Two series: a long one (size 16), packed along its row, and a short one (3 positions of size 2), packed across.
  const long = Array.from({ length: 16 }, (_, k) => k * k);
  const short = [1, 2, 3, 40, 50, 60]; // position 0, 1, 2 of the first number, then of the second
  const zigzag = (v) => ((v << 1) ^ (v >> 31)) >>> 0;
  const second = (line) => line.map((v, k) => zigzag(v - 2 * (line[k - 1] ?? 0) + (line[k - 2] ?? 0)));
  const words = [...second(long), ...second(short)];
  const bytes = [0, 8, 16, 24].flatMap((shift) => words.map((w) => (w >>> shift) & 255));
  const data = deflateSync(Uint8Array.from(bytes)).toString("base64");
  const series = [
    { offset: 0, positions: 1, size: 16 },
    { offset: 16, positions: 3, size: 2 },
  ];
  const bits = new Int32Array((await unpack(data, series)).buffer);
  assert.deepEqual(
    [...bits].map((v) => v / 16),
    [...long, 1, 40, 2, 50, 3, 60],
  );
});

test("rowOf reads the row where the controls stand", () => {
  const spec = { lengths: { beta: 2, delta: 3 } };
  const table = Float32Array.from({ length: 14 }, (_, k) => k);
  const series = { axes: ["beta", "delta"], offset: 2, size: 2 };
  assert.deepEqual([...rowOf(spec, table, series, { beta: 1, delta: 2, probe: 7 })], [12, 13]);
  assert.deepEqual([...rowReader(spec, table)(series, { beta: 1, delta: 2 })], [12, 13]);
  assert.deepEqual([...rowOf(spec, table, { ...series, axes: [] }, { beta: 1, delta: 2 })], [2, 3]);
});
