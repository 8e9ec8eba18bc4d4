import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsOf, outlineOf, shiftedBits, strokeOf, textOfBits } from "../../lossviz/panels/pixelset.js";

test("a set of pixels and its text lead to each other", () => {
  assert.deepEqual([...bitsOf("0660", 12)], [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0]);
  for (const text of ["0660", "80", "ff80", "0123456789abcdef"]) {
    const count = { "0660": 12, 80: 4, ff80: 9 }[text] ?? 64;
    assert.equal(textOfBits(bitsOf(text, count)), text);
  }
});

test("a stroke goes through neighbours from its first pixel to its last", () => {
  assert.deepEqual(strokeOf(8, 9, 9), [9]);
  assert.deepEqual(strokeOf(8, 8, 11), [8, 9, 10, 11]);
  assert.deepEqual(strokeOf(8, 18, 2), [18, 10, 2]);
  assert.deepEqual(strokeOf(8, 0, 27), [0, 9, 18, 27]);
  for (const [from, to] of [
    [0, 61],
    [61, 0],
    [7, 33],
  ]) {
    const pixels = strokeOf(8, from, to);
    assert.deepEqual([pixels[0], pixels.at(-1)], [from, to]);
    const places = pixels.map((k) => [k % 8, Math.floor(k / 8)]);
    places.slice(1).forEach(([x, y], k) => {
      assert.ok(Math.max(Math.abs(x - places[k][0]), Math.abs(y - places[k][1])) === 1);
    });
  }
});

test("a set that is shifted loses its last column", () => {
  assert.deepEqual([...shiftedBits(Uint8Array.from([1, 0, 1, 0, 1, 1]), 3)], [0, 1, 0, 0, 0, 1]);
});

test("an outline runs between a pixel of the set and one that is not, and along the edge of the image", () => {
  assert.equal(outlineOf(Uint8Array.from([1, 1, 0, 0]), 2, 10), "M0 0h10M0 10h10M0 0v10M10 0h10M10 10h10M20 0v10");
  assert.equal(outlineOf(new Uint8Array(4), 2, 10), "");
});
