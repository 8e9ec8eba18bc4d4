import assert from "node:assert/strict";
import { test } from "node:test";
import { linkNames, readFragment, writeFragment } from "../../lossviz/explorer/links.js";

test("linkNames tells equal names apart by their order", () => {
  assert.deepEqual(linkNames(["a", "b", "a", "a"]), ["a", "b", "a-2", "a-3"]);
});

test("a fragment gives back what was written into it", () => {
  const fields = { beta: ["0.5"], kind: ["a|b & c=d #é"], hidden: ["|x|", "L1"] };
  assert.deepEqual(readFragment(writeFragment("smooth l1", fields), "smooth l1"), fields);
});

test("a fragment of another explorer, or of none, is not read", () => {
  assert.equal(readFragment(writeFragment("l1", {}), "smooth-l1"), null);
  assert.equal(readFragment("#pitfalls", "l1"), null);
  assert.equal(readFragment("", "l1"), null);
});
