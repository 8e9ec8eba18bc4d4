import assert from "node:assert/strict";
import { test } from "node:test";
import { enlarge, luminance } from "../../lossviz/panels/pixels.js";

test("enlarge keeps the corners and puts the mean of four in the middle", () => {
  const grid = [0, 1, 10, 13]; // two rows of two
  assert.deepEqual([...enlarge(grid, 2, 2, 3, 3)], [0, 0.5, 1, 5, 6, 7, 10, 11.5, 13]);
});

test("enlarge to the size of the grid is the grid", () => {
  const grid = [3, 1, 4, 1, 5, 9]; // two rows of three
  assert.deepEqual([...enlarge(grid, 3, 2, 3, 2)], grid);
});

test("enlarge spreads a nan to its neighbours and no further", () => {
  const row = [...enlarge([NaN, 1, 2, NaN, 1, 2], 3, 2, 5, 2)].slice(0, 5);
  assert.deepEqual(row.map(Number.isNaN), [true, true, false, false, false]);
});

test("luminance runs from black to white", () => {
  assert.equal(luminance([0, 0, 0]), 0);
  assert.equal(luminance([255, 255, 255]).toFixed(9), "1.000000000");
  assert.ok(luminance([0, 255, 0]) > luminance([255, 0, 0]));
});
