import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../lossviz/explorer/shell/store.js";

const slider = (name) => ({ name, type: "slider", values: [0, 1, 2, 3], text: ["0", "1", "2", "3"], start: 0 });

function storeOf(...names) {
  const controls = names.map(slider);
  const given = { revealed: true, hidden: [] };
  return createStore({ controls, revealed: true, hidden: [] }, { get: (name) => given[name] ?? 0 }, () => {});
}

test("a slider leaves the setting before its gesture, and further steps of it do not", () => {
  const store = storeOf("beta", "probe");
  for (const to of [1, 2, 3]) store.set("beta", to);
  assert.deepEqual(store.state.ghost, { beta: 0, probe: 0 });
});

test("a slider that follows a probe at once leaves the setting before it", () => {
  const store = storeOf("beta", "probe");
  store.set("probe", 2);
  assert.equal(store.state.ghost, null);
  store.set("beta", 1);
  assert.deepEqual(store.state.ghost, { beta: 0, probe: 2 });
});

test("a probe that is moved between two steps of a slider does not make them one gesture's more", () => {
  const store = storeOf("beta", "probe");
  store.set("beta", 1);
  store.set("probe", 1);
  store.set("beta", 2);
  assert.deepEqual(store.state.ghost, { beta: 0, probe: 0 });
});
