import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowPath, isInside, linePath, linear, namePlaces, spread } from "../../lossviz/explorer/geometry.js";

test("linear maps both ends and inverts", () => {
  const scale = linear(-2, 2, 100, 0);
  assert.deepEqual([scale(-2), scale(0), scale(2)], [100, 50, 0]);
  assert.equal(scale.invert(scale(0.7)).toFixed(9), (0.7).toFixed(9));
});

test("linePath writes tenths of a pixel", () => {
  assert.equal(
    linePath([0, 1, 2], [1.04, 819.26, -0.31], (v) => v, 0, 100),
    "M0 1L1 819.3L2 -0.3",
  );
});

test("linePath joins finite points", () => {
  assert.equal(
    linePath([0, 1, 2], [1, 2, 3], (v) => 10 * v, 0, 100),
    "M0 10L1 20L2 30",
  );
});

test("linePath leaves a gap at nan and at inf", () => {
  assert.equal(
    linePath([0, 1, 2, 3, 4], [1, NaN, 2, -Infinity, 3], (v) => v, 0, 100),
    "M0 1M2 2M4 3",
  );
});

test("linePath of gaps alone is empty", () => {
  assert.equal(
    linePath([0, 1], [NaN, Infinity], (v) => v, 0, 100),
    "",
  );
});

test("linePath keeps far points within what a renderer can draw", () => {
  assert.equal(
    linePath([0, 1], [1e30, -1e30], (v) => v, 0, 100),
    "M0 4100L1 -4000",
  );
});

test("spread leaves alone what has room", () => {
  assert.deepEqual(spread([10, 50, 90], 15, 0, 100), [10, 50, 90]);
});

test("spread moves neighbours apart and keeps their order", () => {
  assert.deepEqual(spread([52, 50, 51], 10, 0, 100), [70, 50, 60]);
});

test("spread keeps the bounds", () => {
  assert.deepEqual(spread([99, 98, -5], 10, 0, 100), [100, 90, 0]);
});

const numbersOf = (path) => path.match(/-?[\d.]+/g).map(Number);

test("arrowPath runs from its start along its direction, as long as it is told", () => {
  const [x, y, tipX, tipY] = numbersOf(arrowPath(1, 2, 30, 40, 10));
  assert.deepEqual([x, y, tipX, tipY], [1, 2, 1 + 6, 2 + 8]);
});

test("arrowPath ends in two wings of one length, behind the tip", () => {
  const [, , tipX, tipY, ax, ay, againX, againY, bx, by] = numbersOf(arrowPath(0, 0, 1, 0, 20));
  assert.deepEqual([againX, againY], [tipX, tipY]);
  assert.deepEqual([ax, ay, bx, by], [20 - 9, 5, 20 - 9, -5]);
});

test("arrowPath has no path where there is no direction", () => {
  assert.deepEqual(
    [
      [0, 0],
      [NaN, 1],
      [Infinity, 0],
    ].map(([dx, dy]) => arrowPath(1, 2, dx, dy, 10)),
    ["", "", ""],
  );
});

const wide = { x0: 0, x1: 100, y0: 0, y1: 100 };

test("namePlaces puts a name above its point, or below where it is to be low", () => {
  assert.deepEqual(
    namePlaces(
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
    namePlaces(
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
  const [, below] = namePlaces(
    [
      [50, 30],
      [50, 55],
    ],
    [20, 20],
    [false, false],
    wide,
  );
  assert.deepEqual(below, [50, 79]);
  const [first, second] = namePlaces(
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
    namePlaces(
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

test("isInside takes the edge, and what is at most the margin beside it", () => {
  const place = ([x, y]) => [isInside(wide, x, y), isInside(wide, x, y, 10)];
  assert.deepEqual(place([0, 100]), [true, true]);
  assert.deepEqual(place([-10, 50]), [false, true]);
  assert.deepEqual(place([50, 111]), [false, false]);
});
