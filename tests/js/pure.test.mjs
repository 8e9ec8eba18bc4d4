// The functions of the explorer that know neither page nor model. Run by tests/test_explorer_js.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import * as geometry from "../../lossviz/explorer/geometry.js";
import * as links from "../../lossviz/explorer/links.js";
import * as lookup from "../../lossviz/explorer/lookup.js";
import * as numbers from "../../lossviz/explorer/numbers.js";
import * as pixels from "../../lossviz/panels/pixels.js";

const ex = { ...geometry, ...links, ...lookup, ...numbers, ...pixels };

test("linear maps both ends and inverts", () => {
  const scale = ex.linear(-2, 2, 100, 0);
  assert.deepEqual([scale(-2), scale(0), scale(2)], [100, 50, 0]);
  assert.equal(scale.invert(scale(0.7)).toFixed(9), (0.7).toFixed(9));
});

test("clamp keeps a value between its bounds", () => {
  assert.deepEqual(
    [-1, 0.5, 2].map((v) => ex.clamp(v, 0, 1)),
    [0, 0.5, 1],
  );
});

test("ticks are round and inside", () => {
  assert.deepEqual(ex.ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ex.ticks(-0.1, 4.1, 5), [0, 1, 2, 3, 4]);
});

test("ticks of a negative range stay negative", () => {
  assert.deepEqual(ex.ticks(-5.3, -2.9, 4), [-5, -4, -3]);
});

test("ticks have no dust of binary fractions", () => {
  assert.deepEqual(ex.ticks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]);
});

test("ticks of tiny and of huge ranges are as many", () => {
  assert.equal(ex.ticks(0, 1e-9, 5).length, 6);
  assert.equal(ex.ticks(0, 1e12, 5).length, 6);
});

test("ticks of an empty or endless range are none", () => {
  assert.deepEqual(
    [ex.ticks(1, 1, 5), ex.ticks(2, 1, 5), ex.ticks(0, Infinity, 5), ex.ticks(0, NaN, 5)],
    [[], [], [], []],
  );
});

test("format writes fixed digits and a real minus sign", () => {
  assert.deepEqual([ex.format(1.23456, 3), ex.format(-0.5, 2), ex.format(3, 0)], ["1.235", "−0.50", "3"]);
});

test("format writes powers of ten where digits say so", () => {
  assert.deepEqual([ex.format(-1.234e-8, -2), ex.format(0, -2), ex.format(2e7, -2)], ["−1.23e-8", "0", "2.00e+7"]);
});

test("format gives a rounded zero no sign", () => {
  assert.deepEqual([ex.format(-0.0001, 3), ex.format(-0, 1)], ["0.000", "0.0"]);
});

test("format shortens what is large", () => {
  assert.deepEqual([ex.format(99999, 1), ex.format(1e5, 3), ex.format(-1e12, 3)], ["99999.0", "1.00e+5", "−1.00e+12"]);
});

test("format names nan and inf", () => {
  assert.deepEqual(
    [NaN, Infinity, -Infinity].map((v) => ex.format(v, 2)),
    ["nan", "inf", "−inf"],
  );
});

test("tickText is short and exact", () => {
  assert.deepEqual([0, 10, 100, -0.25, 2.5e5, -1e12, 1e-4, 99999].map(ex.tickText), [
    "0",
    "10",
    "100",
    "−0.25",
    "2.5e5",
    "−1e12",
    "1e−4",
    "99999",
  ]);
});

test("nearest finds every position and the middle between two", () => {
  const values = [0, 1, 10];
  assert.deepEqual(
    values.map((v) => ex.nearest(values, v)),
    [0, 1, 2],
  );
  assert.deepEqual(
    [-5, 0.4, 0.6, 5.4, 5.6, 99].map((v) => ex.nearest(values, v)),
    [0, 0, 1, 1, 2, 2],
  );
});

test("nearest works for one and two positions", () => {
  assert.deepEqual([ex.nearest([3], 7), ex.nearest([3, 4], 7), ex.nearest([3, 4], 0)], [0, 1, 0]);
});

test("linkNames tells equal names apart by their order", () => {
  assert.deepEqual(ex.linkNames(["a", "b", "a", "a"]), ["a", "b", "a-2", "a-3"]);
});

test("linePath writes tenths of a pixel", () => {
  assert.equal(
    ex.linePath([0, 1, 2], [1.04, 819.26, -0.31], (v) => v, 0, 100),
    "M0 1L1 819.3L2 -0.3",
  );
});

test("linePath joins finite points", () => {
  assert.equal(
    ex.linePath([0, 1, 2], [1, 2, 3], (v) => 10 * v, 0, 100),
    "M0 10L1 20L2 30",
  );
});

test("linePath leaves a gap at nan and at inf", () => {
  assert.equal(
    ex.linePath([0, 1, 2, 3, 4], [1, NaN, 2, -Infinity, 3], (v) => v, 0, 100),
    "M0 1M2 2M4 3",
  );
});

test("linePath of gaps alone is empty", () => {
  assert.equal(
    ex.linePath([0, 1], [NaN, Infinity], (v) => v, 0, 100),
    "",
  );
});

test("linePath keeps far points within what a renderer can draw", () => {
  assert.equal(
    ex.linePath([0, 1], [1e30, -1e30], (v) => v, 0, 100),
    "M0 4100L1 -4000",
  );
});

test("spread leaves alone what has room", () => {
  assert.deepEqual(ex.spread([10, 50, 90], 15, 0, 100), [10, 50, 90]);
});

test("spread moves neighbours apart and keeps their order", () => {
  assert.deepEqual(ex.spread([52, 50, 51], 10, 0, 100), [70, 50, 60]);
});

test("spread keeps the bounds", () => {
  assert.deepEqual(ex.spread([99, 98, -5], 10, 0, 100), [100, 90, 0]);
});

const numbersOf = (path) => path.match(/-?[\d.]+/g).map(Number);

test("arrowPath runs from its start along its direction, as long as it is told", () => {
  const [x, y, tipX, tipY] = numbersOf(ex.arrowPath(1, 2, 30, 40, 10));
  assert.deepEqual([x, y, tipX, tipY], [1, 2, 1 + 6, 2 + 8]);
});

test("arrowPath ends in two wings of one length, behind the tip", () => {
  const [, , tipX, tipY, ax, ay, againX, againY, bx, by] = numbersOf(ex.arrowPath(0, 0, 1, 0, 20));
  assert.deepEqual([againX, againY], [tipX, tipY]);
  assert.deepEqual([ax, ay, bx, by], [20 - 9, 5, 20 - 9, -5]);
});

test("arrowPath has no path where there is no direction", () => {
  assert.deepEqual(
    [
      [0, 0],
      [NaN, 1],
      [Infinity, 0],
    ].map(([dx, dy]) => ex.arrowPath(1, 2, dx, dy, 10)),
    ["", "", ""],
  );
});

const wide = { x0: 0, x1: 100, y0: 0, y1: 100 };

test("namePlaces puts a name above its point, or below where it is to be low", () => {
  assert.deepEqual(
    ex.namePlaces(
      [
        [30, 50],
        [70, 50],
      ],
      [20, 20],
      [false, true],
      wide,
    ),
    [
      [30, 36],
      [70, 74],
    ],
  );
});

test("namePlaces keeps a name inside the box", () => {
  assert.deepEqual(
    ex.namePlaces(
      [
        [2, 50],
        [99, 5],
        [50, 98],
      ],
      [20, 30, 20],
      [false, false, true],
      wide,
    ),
    [
      [10, 36],
      [85, 29],
      [50, 84],
    ],
  );
});

test("namePlaces keeps a name off other points and other names", () => {
  const [, below] = ex.namePlaces(
    [
      [50, 30],
      [50, 55],
    ],
    [20, 20],
    [false, false],
    wide,
  );
  assert.deepEqual(below, [50, 79]);
  const [first, second] = ex.namePlaces(
    [
      [50, 50],
      [62, 52],
    ],
    [40, 40],
    [false, false],
    wide,
  );
  assert.deepEqual(
    [first, second],
    [
      [50, 36],
      [62, 76],
    ],
  );
});

test("namePlaces is not misled by a point that has no place", () => {
  assert.deepEqual(
    ex.namePlaces(
      [
        [NaN, NaN],
        [50, 2],
      ],
      [20, 20],
      [false, false],
      wide,
    )[1],
    [50, 26],
  );
});

test("enlarge keeps the corners and puts the mean of four in the middle", () => {
  const grid = [0, 1, 10, 13]; // two rows of two
  assert.deepEqual([...ex.enlarge(grid, 2, 2, 3, 3)], [0, 0.5, 1, 5, 6, 7, 10, 11.5, 13]);
});

test("enlarge to the size of the grid is the grid", () => {
  const grid = [3, 1, 4, 1, 5, 9]; // two rows of three
  assert.deepEqual([...ex.enlarge(grid, 3, 2, 3, 2)], grid);
});

test("enlarge spreads a nan to its neighbours and no further", () => {
  const row = [...ex.enlarge([NaN, 1, 2, NaN, 1, 2], 3, 2, 5, 2)].slice(0, 5);
  assert.deepEqual(row.map(Number.isNaN), [true, true, false, false, false]);
});

test("luminance runs from black to white", () => {
  assert.equal(ex.luminance([0, 0, 0]), 0);
  assert.equal(ex.luminance([255, 255, 255]).toFixed(9), "1.000000000");
  assert.ok(ex.luminance([0, 255, 0]) > ex.luminance([255, 0, 0]));
});

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
  const bits = new Int32Array((await ex.unpack(data, series)).buffer);
  assert.deepEqual(
    [...bits].map((v) => v / 16),
    [...long, 1, 40, 2, 50, 3, 60],
  );
});

test("rowOf reads the row where the controls stand", () => {
  const spec = { lengths: { beta: 2, delta: 3 } };
  const table = Float32Array.from({ length: 14 }, (_, k) => k);
  const series = { axes: ["beta", "delta"], offset: 2, size: 2 };
  assert.deepEqual([...ex.rowOf(spec, table, series, { beta: 1, delta: 2, probe: 7 })], [12, 13]);
  assert.deepEqual([...ex.rowOf(spec, table, { ...series, axes: [] }, { beta: 1, delta: 2 })], [2, 3]);
});

test("a fragment gives back what was written into it", () => {
  const fields = { beta: ["0.5"], kind: ["a|b & c=d #é"], hidden: ["|x|", "L1"] };
  assert.deepEqual(ex.readFragment(ex.writeFragment("smooth l1", fields), "smooth l1"), fields);
});

test("a fragment of another explorer, or of none, is not read", () => {
  assert.equal(ex.readFragment(ex.writeFragment("l1", {}), "smooth-l1"), null);
  assert.equal(ex.readFragment("#pitfalls", "l1"), null);
  assert.equal(ex.readFragment("", "l1"), null);
});
