import assert from "node:assert/strict";
import { test } from "node:test";
import { indexIn, positionOf, valueAt, within, wordsAt } from "../../lossviz/explorer/positions.js";
import { PANELS } from "../../lossviz/panels/list.js";
import { EXPLORERS } from "./cases.mjs";
import { stage } from "./page.mjs";

const { spec, table, state: first } = EXPLORERS.find((explorer) => explorer.spec.kind === "mask");
const COLUMN = "50"; // the target: both pixels at the right

/** The panel of four pixels with what it paints: `now()`, and `make(moves)`, which draws them. */
function painting() {
  const drawnOn = stage();
  const panel = PANELS.mask(spec, table, drawnOn);
  panel.layout(740, panel.height(740));
  let state = first;
  const make = (moves) => {
    for (const [name, value] of moves) state = { ...state, index: { ...state.index, [name]: value } };
    panel.draw(state);
  };
  make([]);
  const cells = [...drawnOn.wrap.all()].filter((element) => element.attributes.role === "gridcell");
  const focused = [];
  cells.forEach((cell, k) => (cell.focus = () => focused.push(k)));
  const colour = drawnOn.svg.children.find((element) => element.attributes.class?.startsWith("colour"));
  const size = Number(colour.attributes.width);
  const middle = (k) => [
    Number(colour.attributes.x) + size * ((k % 2) + 0.5),
    Number(colour.attributes.y) + size * (Math.floor(k / 2) + 0.5),
  ];
  return {
    panel,
    cells,
    focused,
    make,
    middle,
    now: () => state.index.painted,
    press: (act) => make(panel.presses.buttons.find((one) => one.act === act).press(state)),
    type: (key, k, isShift = false) => {
      const moves = panel.typed(key, isShift, cells[k], state);
      if (moves) make(moves);
      return moves;
    },
    stroke: (...pixels) => {
      const drag = panel.grab(...middle(pixels[0]), state);
      for (const k of pixels) make(drag(...middle(k)));
      return drag;
    },
  };
}

test("a stroke paints where its first pixel is empty, and else clears", () => {
  const { stroke, now } = painting();
  assert.equal(now(), "10");
  stroke(0, 1);
  assert.equal(now(), "d0");
  stroke(3, 1);
  assert.equal(now(), "80");
});

test("a press beside the pixels takes hold of nothing", () => {
  const { panel } = painting();
  assert.equal(panel.grab(700, 20, first), null);
});

test("the buttons clear, invert, paint the target and shift", () => {
  const { press, now } = painting();
  press("clear");
  assert.equal(now(), "00");
  press("invert");
  assert.equal(now(), "f0");
  press("perfect");
  assert.equal(now(), COLUMN);
  press("shift");
  assert.equal(now(), "00");
});

test("undo takes back one gesture after the other, strokes and buttons and keys, and then stops", () => {
  const { press, stroke, type, now } = painting();
  stroke(0, 1, 3);
  press("invert");
  type(" ", 0);
  const after = now();
  press("undo");
  assert.equal(now(), "20");
  press("undo");
  assert.equal(now(), "d0");
  type("u", 0);
  assert.equal(now(), "10");
  press("undo");
  assert.equal(now(), "10");
  assert.notEqual(after, "20");
});

test("undo takes back what came from elsewhere too, and a stroke that the browser cancelled is none", () => {
  const { press, stroke, make, now } = painting();
  stroke(0);
  make([["painted", "60"]]);
  press("undo");
  assert.equal(now(), "90");
  stroke(1).cancel();
  make([["painted", "90"]]);
  press("undo");
  assert.equal(now(), "10");
});

test("arrows move the one pixel that has the focus, and space paints it", () => {
  const { type, cells, focused, now } = painting();
  type("ArrowRight", 0);
  type("ArrowDown", 1);
  type("ArrowDown", 3);
  type("Home", 3);
  assert.deepEqual(focused, [1, 3, 3, 2]);
  assert.deepEqual(
    cells.map((cell) => cell.attributes.tabindex),
    ["-1", "-1", "0", "-1"],
  );
  type(" ", 2);
  assert.equal(now(), "30");
  type("Enter", 2);
  assert.equal(now(), "10");
});

test("shift and arrows paint a stroke, or clear one after a pixel that was cleared", () => {
  const { type, now } = painting();
  type("ArrowRight", 0, true);
  assert.equal(now(), "d0");
  type(" ", 0);
  type("ArrowRight", 0, true);
  assert.equal(now(), "10");
});

test("keys that are not the brush's, and keys elsewhere, are left to the explorer", () => {
  const { panel, type } = painting();
  for (const key of ["r", "0", "f", "q", "Tab", "Escape"]) assert.equal(type(key, 0), null);
  assert.equal(type("Enter", 0, true), null); // it runs a cell
  assert.equal(panel.typed(" ", false, {}, first), null);
});

test("each pixel says whether it is of the target and whether it is painted", () => {
  const { cells, make } = painting();
  const words = () => cells.map((cell) => cell.attributes["aria-label"]);
  assert.deepEqual(words(), ["outside, not painted", "target, not painted", "outside, not painted", "target, painted"]);
  make([["target", 1]]);
  assert.equal(words()[3], "outside, painted");
});

test("a mask stands for itself, and what is none stands for the first", () => {
  const control = spec.controls.find((c) => c.type === "mask");
  for (const wrong of ["1", "1g", "100", "", 3, null]) {
    assert.equal(positionOf(control, wrong), "10");
    if (typeof wrong === "string") assert.equal(indexIn(control, wrong), null);
  }
  assert.equal(positionOf(control, "c0"), "c0");
  assert.equal(within(control, "c0"), "c0");
  assert.equal(valueAt(control, "c0"), "c0");
  assert.equal(indexIn(control, "c0"), "c0");
  assert.deepEqual(wordsAt(control, "c0"), []);
});
