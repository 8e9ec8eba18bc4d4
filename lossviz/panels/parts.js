// Parts that the drawings of several panels share.

import { make, newId } from "../explorer/elements.js";
import { clamp, tickText } from "../explorer/numbers.js";

export function clipBox(parent, box) {
  const id = newId("clip");
  make(make(parent, "clipPath", { id }), "rect", { x: box.x0, y: box.y0 - 4, width: box.x1 - box.x0, height: box.y1 - box.y0 + 8 });
  return `url(#${id})`;
}

export function drawAxes(parent, box, X, Y, { xTicks = [], yTicks = [], xText = true }) {
  for (const value of yTicks) {
    make(parent, "line", { class: value === 0 ? "zero" : "grid", x1: box.x0, x2: box.x1, y1: Y(value), y2: Y(value) });
    make(parent, "text", { x: box.x0 - 8, y: Y(value) + 4, "text-anchor": "end" }, tickText(value));
  }
  for (const value of xTicks) {
    make(parent, "line", { class: "grid", x1: X(value), x2: X(value), y1: box.y0, y2: box.y1 });
    if (xText) make(parent, "text", { x: X(value), y: box.y1 + 18, "text-anchor": "middle" }, tickText(value));
  }
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
