// What paints a mask: pointer, keys and buttons, and the pixels as a grid that takes the focus and is read aloud.

import { html } from "../explorer/elements.js";
import { clamp } from "../explorer/numbers.js";
import { shiftedBits, strokeOf, textOfBits } from "./pixelset.js";

/** The pixels as cells of a grid over the drawing, for keys and screen readers; a pointer goes through to the drawing. */
export function addPixelGrid(wrap, { rows, columns }) {
  const label =
    `pixels, ${rows} rows and ${columns} columns; arrows move, space paints or clears, ` +
    "shift and arrows paint a stroke, u takes it back";
  const look = { class: "pixel-grid", role: "grid", "aria-label": label };
  const grid = html(wrap, "div", { ...look, "aria-rowcount": rows, "aria-colcount": columns });
  const cells = Array.from({ length: rows }, (_, j) => {
    const row = html(grid, "div", { role: "row", "aria-rowindex": j + 1 });
    return Array.from({ length: columns }, (_, i) =>
      html(row, "div", { role: "gridcell", "aria-colindex": i + 1, tabindex: i + j ? -1 : 0 }),
    );
  }).flat();
  const told = []; // of each cell, what it says
  let cursor = 0;
  return {
    cells,
    cursor: () => cursor,
    /** The one pixel that the key Tab leads to. */
    moveTo(k) {
      cells[cursor].setAttribute("tabindex", "-1");
      cursor = k;
      cells[cursor].setAttribute("tabindex", "0");
    },
    place({ x0, x1, y0, y1 }, width, height) {
      const share = (length, whole) => `${(100 * length) / whole}%`;
      Object.assign(grid.style, { left: share(x0, width), top: share(y0, height) });
      Object.assign(grid.style, { width: share(x1 - x0, width), height: share(y1 - y0, height) });
    },
    tell({ target, bits }) {
      cells.forEach((cell, k) => {
        if (told[k] === 2 * target[k] + bits[k]) return;
        told[k] = 2 * target[k] + bits[k];
        const words = `${target[k] ? "target" : "outside"}, ${bits[k] ? "painted" : "not painted"}`;
        cell.setAttribute("aria-label", words);
      });
    },
  };
}

/** The masks before each gesture, the last of them last. */
function createPast() {
  const masks = [];
  let last = null;
  let made = null; // by the brush itself, in a gesture that has begun
  return {
    begin: (mask) => mask !== masks.at(-1) && masks.push(mask),
    making: (mask) => (made = mask),
    /** The gesture is none after all: the mask before it comes back. */
    cancel: () => (made = masks.pop()),
    /** A mask is drawn. One that the brush did not make, as that of a reset, can be taken back too. */
    follow(mask) {
      if (last !== null && mask !== last && mask !== made) masks.push(last);
      last = mask;
    },
    undo(mask) {
      while (masks.length && masks.at(-1) === mask) masks.pop();
      return masks.pop() ?? mask;
    },
  };
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Paints for the reader: by a pointer (`grab`), by keys (`typed`), by buttons (`presses`). */
export function createBrush(spec, grid, seenOf) {
  const past = createPast();
  const moves = (bits) => {
    const mask = typeof bits === "string" ? bits : textOfBits(bits);
    past.making(mask);
    return [["painted", mask]];
  };
  const brush = {
    seenOf,
    past,
    moves,
    /** A gesture that makes a new mask of the one that there is. */
    gesture: (change) => (state) => {
      past.begin(state.index.painted);
      return moves(change(seenOf(state)));
    },
    undo: ({ index }) => moves(past.undo(index.painted)),
  };
  return {
    grab: (first, pixelAt, state) => (first < 0 ? null : strokeBy(brush, grid, spec.columns, first, pixelAt, state)),
    presses: pressesOf(brush, spec),
    typed: keysOf(brush, grid, spec),
    follow: past.follow,
  };
}

const withPixels = (bits, pixels, to) => {
  const next = bits.slice();
  for (const k of pixels) next[k] = to;
  return next;
};

/** A stroke of the pointer: it paints if the first pixel is empty, else it clears. */
function strokeBy({ past, moves, seenOf }, grid, columns, first, pixelAt, state) {
  let { bits } = seenOf(state);
  const to = 1 - bits[first];
  let at = -1;
  const drag = (x, y) => {
    if (at < 0) {
      past.begin(state.index.painted);
      grid.moveTo(first);
      at = first;
    }
    const next = pixelAt(x, y);
    bits = withPixels(bits, strokeOf(columns, at, next), to);
    at = next;
    return moves(bits);
  };
  return Object.assign(drag, { cancel: past.cancel });
}

function pressesOf({ gesture, undo }, { columns }) {
  const press = (act, text, title, press) => ({ act, text, title, press });
  return {
    words: "Paint: drag over pixels, or arrows and space.",
    buttons: [
      press("undo", "undo", "Take the last stroke back (key u)", undo),
      press(
        "clear",
        "clear",
        "Paint nothing",
        gesture(({ bits }) => bits.map(() => 0)),
      ),
      press(
        "invert",
        "invert",
        "Swap what is painted and what is not",
        gesture(({ bits }) => bits.map((bit) => 1 - bit)),
      ),
      press(
        "perfect",
        "perfect",
        "Paint the target",
        gesture(({ target }) => target),
      ),
      press(
        "shift",
        "shift by one",
        "Move the mask one pixel to the right",
        gesture(({ bits }) => shiftedBits(bits, columns)),
      ),
    ],
  };
}

/** What a key does on a pixel of the grid; null where it is none of the brush's. */
function keysOf({ gesture, undo, seenOf }, grid, { rows, columns }) {
  let pen = 1; // what the next stroke of the keys leaves
  const neighbourOf = (from, key) => {
    const [column, row] = [from % columns, Math.floor(from / columns)];
    if (key === "Home") return row * columns;
    if (key === "End") return (row + 1) * columns - 1;
    if (!STEPS[key]) return -1;
    const [across, down] = STEPS[key];
    return clamp(row + down, 0, rows - 1) * columns + clamp(column + across, 0, columns - 1);
  };
  return (key, isShift, element, state) => {
    const from = grid.cells.indexOf(element);
    if (from < 0) return null;
    if (key === "u") return undo(state);
    const paint = (...pixels) => gesture(({ bits }) => withPixels(bits, pixels, pen))(state);
    if (key === " " || (key === "Enter" && !isShift)) {
      pen = 1 - seenOf(state).bits[from];
      return paint(from);
    }
    const to = neighbourOf(from, key);
    if (to < 0) return null;
    grid.moveTo(to);
    grid.cells[to].focus({ preventScroll: true });
    return isShift ? paint(from, to) : [];
  };
}
