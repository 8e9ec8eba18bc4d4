import assert from "node:assert/strict";
import { test } from "node:test";
import { format } from "../../lossviz/explorer/numbers.js";
import { PANELS } from "../../lossviz/panels/list.js";
import { EXPLORERS, NUMBERS, onPage } from "./cases.mjs";
import { stage } from "./page.mjs";

test("numbers are written as in Python, with a real minus sign", () => {
  for (const { rule, cases } of NUMBERS) {
    for (const [value, digits, text] of cases) assert.equal(format(value, digits), onPage(text), `${rule}: ${value}`);
  }
});

test("settings are told as in Python, with a real minus sign", () => {
  for (const { spec, table, cases } of EXPLORERS) {
    const panel = PANELS[spec.kind](spec, table, stage());
    for (const { name, state, words } of cases) assert.equal(panel.describe(state), onPage(words), name);
  }
});

test("each kind of panel has a case of its words", () => {
  assert.deepEqual(EXPLORERS.map(({ spec }) => spec.kind).sort(), Object.keys(PANELS).sort());
});
