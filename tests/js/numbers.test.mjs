import assert from "node:assert/strict";
import { test } from "node:test";
import { beyond, clamp, nearest, sample, tickText, ticks } from "../../lossviz/explorer/numbers.js";

test("clamp keeps a value between its bounds", () => {
  assert.deepEqual(
    [-1, 0.5, 2].map((v) => clamp(v, 0, 1)),
    [0, 0.5, 1],
  );
});

test("ticks are round and inside", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(-0.1, 4.1, 5), [0, 1, 2, 3, 4]);
});

test("ticks of a negative range stay negative", () => {
  assert.deepEqual(ticks(-5.3, -2.9, 4), [-5, -4, -3]);
});

test("ticks have no dust of binary fractions", () => {
  assert.deepEqual(ticks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]);
});

test("ticks of tiny and of huge ranges are as many", () => {
  assert.equal(ticks(0, 1e-9, 5).length, 6);
  assert.equal(ticks(0, 1e12, 5).length, 6);
});

test("ticks of an empty or endless range are none", () => {
  assert.deepEqual([ticks(1, 1, 5), ticks(2, 1, 5), ticks(0, Infinity, 5), ticks(0, NaN, 5)], [[], [], [], []]);
});

test("tickText is short and exact", () => {
  assert.deepEqual([0, 10, 100, -0.25, 2.5e5, -1e12, 1e-4, 99999].map(tickText), [
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
    values.map((v) => nearest(values, v)),
    [0, 1, 2],
  );
  assert.deepEqual(
    [-5, 0.4, 0.6, 5.4, 5.6, 99].map((v) => nearest(values, v)),
    [0, 0, 1, 1, 2, 2],
  );
});

test("nearest works for one and two positions", () => {
  assert.deepEqual([nearest([3], 7), nearest([3, 4], 7), nearest([3, 4], 0)], [0, 1, 0]);
});

test("sample takes the first, the last, and what lies evenly between", () => {
  assert.deepEqual(sample(121, 13), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]);
  assert.deepEqual(sample(10, 4), [0, 3, 6, 9]);
});

test("sample takes all where there are few, each once", () => {
  assert.deepEqual([sample(1, 9), sample(2, 9), sample(5, 9)], [[0], [0, 1], [0, 1, 2, 3, 4]]);
});

test("beyond points to where a number outside its axis lies", () => {
  assert.deepEqual(
    [0, 1, 1.5, -0.5, NaN, Infinity].map((v) => beyond(v, [0, 1])),
    ["", "", " ↑", " ↓", "", ""],
  );
});
