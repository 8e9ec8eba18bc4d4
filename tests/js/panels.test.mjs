import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createStore } from "../../lossviz/explorer/shell/store.js";
import { PANELS } from "../../lossviz/panels/list.js";
import { EXPLORERS } from "./cases.mjs";
import { stage } from "./page.mjs";

const contract = readFileSync(new URL("../../lossviz/panels/panel.js", import.meta.url), "utf-8");

/** The properties of a typedef of the contract, with their types; those in brackets may be missing. */
function propertiesOf(name) {
  const [, text] = contract.match(new RegExp(`@typedef \\{object\\} ${name}\\b(.*?)(?:@typedef|\\*/)`, "s"));
  return Object.fromEntries([...text.matchAll(/@property \{(.+)\} (\[?\w+\]?) /g)].map(([, type, key]) => [key, type]));
}

/** Each kind with its panel, laid out; `each(panel, explorer, stage)`. */
function forEachPanel(each) {
  for (const explorer of EXPLORERS) {
    const drawnOn = stage();
    const panel = PANELS[explorer.spec.kind](explorer.spec, explorer.table, drawnOn);
    panel.layout(740, Math.round(panel.height(740)));
    each(panel, explorer, drawnOn);
  }
}

test("a panel gives what the contract names, and nothing else", () => {
  const named = propertiesOf("Panel");
  const kindOf = (type) => (type.startsWith("(") ? "function" : /^[A-Z]/.test(type) ? "object" : type);
  forEachPanel((panel, { spec }) => {
    for (const key in named) assert.ok(key.startsWith("[") || key in panel, `${spec.kind}: ${key}`);
    for (const key in panel) {
      const type = named[key] ?? named[`[${key}]`];
      assert.ok(type, `${spec.kind}: ${key}`);
      assert.equal(typeof panel[key], kindOf(type), `${spec.kind}: ${key}`);
    }
  });
});

test("a panel asks of a state only what the contract names", () => {
  const named = Object.keys(propertiesOf("State"));
  forEachPanel((panel, { spec, state }) => {
    const asked = new Set();
    const watched = new Proxy({ ...state, ghost: state.index }, { get: (all, key) => (asked.add(key), all[key]) });
    for (const use of [panel.draw, panel.describe, panel.rows, (s) => panel.grab(370, 150, s)]) use(watched);
    assert.ok(
      [...asked].every((key) => named.includes(key)),
      `${spec.kind}: ${[...asked]}`,
    );
  });
});

test("the shell's state is what the contract names", () => {
  const [{ spec, state }] = EXPLORERS;
  const given = { revealed: true, hidden: [] };
  const model = { get: (name) => given[name] ?? spec.controls.find((c) => c.name === name).values[0] };
  const store = createStore({ ...spec, hidden: [] }, model, () => {});
  assert.deepEqual(Object.keys(store.state).sort(), Object.keys(propertiesOf("State")).sort());
  assert.deepEqual(Object.keys(store.state.index), Object.keys(state.index));
});

test("a panel draws every setting without a coordinate that is no number", () => {
  forEachPanel((panel, { spec, state }, { wrap }) => {
    for (const revealed of [true, false]) {
      for (const { name, values } of spec.controls) {
        for (const k of values.keys()) {
          panel.draw({ ...state, revealed, index: { ...state.index, [name]: k }, ghost: state.index });
        }
      }
      for (const { tag, attributes } of wrap.all()) {
        for (const value of Object.values(attributes)) assert.doesNotMatch(value, /NaN|Infinity|undefined/, tag);
      }
    }
  });
});

test("a panel is laid out again for every size", () => {
  forEachPanel((panel, { spec, state }, { svg }) => {
    panel.draw(state);
    const before = [...svg.all()].length;
    for (const width of [300, 560, 1280]) {
      const height = panel.height(width);
      assert.ok(height > 150 && height < 900, `${spec.kind}: ${height}`);
      panel.layout(width, height);
      panel.draw(state);
    }
    panel.layout(740, Math.round(panel.height(740)));
    panel.draw(state);
    assert.equal([...svg.all()].length, before, spec.kind);
  });
});

test("a press takes hold of controls and gives values for them, or of nothing", () => {
  forEachPanel((panel, { spec, state }) => {
    const kinds = Object.fromEntries(spec.controls.map((c) => [c.name, typeof state.index[c.name]]));
    const held = [];
    for (let x = 0; x <= 740; x += 10) {
      for (let y = 0; y <= 400; y += 10) {
        const drag = panel.grab(x, y, state);
        if (drag !== null) held.push(...drag(x, y));
      }
    }
    assert.ok(
      held.every(([name, value]) => typeof value === kinds[name]),
      spec.kind,
    );
    assert.equal(held.length > 0, spec.drag !== null || spec.kind === "curves", spec.kind);
  });
});

test("the table behind a drawing has a cell of text for each of its columns", () => {
  forEachPanel((panel, { spec, state }) => {
    for (const revealed of [true, false]) {
      const { head, body } = panel.rows({ ...state, revealed });
      assert.ok(body.length > 0, spec.kind);
      for (const row of [head, ...body]) {
        assert.equal(row.length, head.length, spec.kind);
        for (const cell of row) assert.ok(typeof cell === "string" && !/undefined|NaN/.test(cell), spec.kind);
      }
    }
  });
});

test("a matrix of one row has its numbers in the table", () => {
  const { spec, table, state } = EXPLORERS.find((explorer) => explorer.spec.kind === "cells");
  assert.deepEqual(PANELS.cells(spec, table, stage()).rows(state), {
    head: ["row \\ column", "0", "1", "2"],
    body: [["0", "0.500", "−1.250", "nan"]],
  });
});
