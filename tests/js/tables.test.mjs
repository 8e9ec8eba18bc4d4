// What the field above a long table finds in a row.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const CODE = readFileSync(new URL("../../book/_static/tables.js", import.meta.url), "utf8");
const document = { documentElement: { lang: "en" }, querySelectorAll: () => [] };
const { has } = runInNewContext(`${CODE}; handbookTables`, { document });

test("a word is found anywhere, in capitals too", () => {
  const row = "0.333333\nA\nDice\nMONAI";
  assert.deepEqual(
    ["dice", "MONAI", "ona", "jaccard"].map((word) => has(row, word)),
    [true, true, true, false],
  );
});

test("a number is found by its first digits, rounded or with more digits than the row has", () => {
  const row = "0.416667\nA+A2\nDice";
  const found = ["0.41", "0.4166", "0.4167", "0.42", ".4167", "0.41666666", "0.4166666567325592"];
  assert.deepEqual(
    found.map((number) => has(row, number)),
    found.map(() => true),
  );
  const others = ["0.40", "0.4165", "0.4168", "0.41667666", "-0.4167", "0.43"];
  assert.deepEqual(
    others.map((number) => has(row, number)),
    others.map(() => false),
  );
});

test("a number below 0 is found with either minus sign", () => {
  const row = "−0.666667";
  assert.ok(["-0.6667", "−0.6667", "-0.666666686", "-.67"].every((number) => has(row, number)));
  assert.ok(!has(row, "-0.6668"));
});

test("whole numbers, and one digit after the point, are words alone", () => {
  assert.ok(!has("0.96", "1.0"));
  assert.ok(!has("0.96", "1"));
  assert.ok(has("a smooth of 1.0", "1.0"));
});

test("a version is no number", () => {
  assert.ok(!has("MONAI 1.61.1", "1.606"));
  assert.ok(has("MONAI 1.6.1", "1.6.1"));
});
