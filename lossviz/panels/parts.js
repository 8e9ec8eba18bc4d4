// Parts that the drawings of several panels share.

import { make, newId, setText } from "../explorer/elements.js";
import { clamp, format, tickText } from "../explorer/numbers.js";

export function clipBox(parent, box) {
  const id = newId("clip");
  const place = { x: box.x0, y: box.y0 - 4, width: box.x1 - box.x0, height: box.y1 - box.y0 + 8 };
  make(make(parent, "clipPath", { id }), "rect", place);
  return `url(#${id})`;
}

export function drawAxes(parent, box, X, Y, { xTicks = [], yTicks = [], xText = true }) {
  for (const value of yTicks) {
    const line = { class: value === 0 ? "zero" : "grid", x1: box.x0, x2: box.x1, y1: Y(value), y2: Y(value) };
    make(parent, "line", line);
    make(parent, "text", { x: box.x0 - 8, y: Y(value) + 4, "text-anchor": "end" }, tickText(value));
  }
  for (const value of xTicks) {
    make(parent, "line", { class: "grid", x1: X(value), x2: X(value), y1: box.y0, y2: box.y1 });
    if (xText) make(parent, "text", { x: X(value), y: box.y1 + 18, "text-anchor": "middle" }, tickText(value));
  }
}

/** What stands in the place of a drawing that is to be predicted. */
export function drawCover(parent, box) {
  const cover = make(parent, "g", { class: "cover" });
  make(cover, "rect", { x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0, rx: 6 });
  const middle = { x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2 + 4, "text-anchor": "middle" };
  make(cover, "text", middle, "Predict, then reveal");
  return cover;
}

/** The single numbers above a panel, in as many lines as their names need; what changes in them, and their height. */
export function drawReadouts(svg, readouts, width) {
  const wanted = Math.max(...readouts.map((s) => 9 * (s.name.length + 9)), 1);
  const columns = clamp(Math.floor(width / wanted), 1, Math.max(1, readouts.length));
  const texts = readouts.map((s, i) => {
    const place = { x: 2 + (i % columns) * (width / columns), y: 20 + 22 * Math.floor(i / columns) };
    const text = make(svg, "text", { ...place, class: "readout" });
    make(text, "tspan", { class: "name" }, `${s.name} `);
    return make(text, "tspan", { class: "value" });
  });
  return { texts, height: readouts.length ? 4 + 22 * Math.ceil(readouts.length / columns) : 0 };
}

/** Writes the numbers of the read-outs; `row(series, index)` looks them up. */
export function writeReadouts(texts, { readouts, row, spec }, state) {
  for (let i = 0; i < texts.length; i++) {
    setText(texts[i], format(row(readouts[i], state.index)[0], spec.digits));
  }
}

/** The read-outs in words, one text each. */
export const readoutWords = ({ readouts, row, spec }, state) =>
  readouts.map((s) => `${s.name} ${format(row(s, state.index)[0], spec.digits)}`);
