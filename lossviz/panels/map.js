// A function of two numbers as a map, with a probe to drag and an arrow against the gradient.

import { make, setAll, setText } from "../explorer/elements.js";
import { arrowPath, linear } from "../explorer/geometry.js";
import { clamp, format, ticks } from "../explorer/numbers.js";
import { drawColourBar, paint, pointAt } from "./colours.js";
import {
  addCanvas,
  addLargeNumbers,
  atCell,
  drawGridFrame,
  grabGrid,
  gridOf,
  gridRows,
  gridWords,
  placeCanvas,
} from "./grid.js";
import { enlarge } from "./pixels.js";

const FINE = 180; // pixels of a map along each side, before the browser scales it to its place

export function mapPanel(spec, table, stage) {
  const data = gridOf(spec, table);
  const canvas = addCanvas(stage, "");
  let view;
  return {
    covers: "gradient",
    touch: "pan-y",
    height: (width) => clamp(width - 74, 200, 400),
    layout(width, height) {
      view = layoutMap(data, stage.svg, width, height);
      placeCanvas(canvas, view.box, width, height);
    },
    draw(state) {
      paintMap(data, view, canvas, state);
      drawMapProbe(data, view, state);
    },
    grab: (x, y) => grabGrid(view, x, y),
    describe: (state) => gridWords(data, state),
    rows: (state) => gridRows(data, state),
  };
}

function layoutMap({ spec, xs, ys, slopes }, svg, width, height) {
  svg.replaceChildren();
  const x0 = 54;
  const side = Math.min(width - x0 - 78, height - 58);
  const box = { x0, x1: x0 + side, y0: 14, y1: 14 + side };
  const X = linear(xs[0], xs[xs.length - 1], box.x0, box.x1);
  const Y = linear(ys[0], ys[ys.length - 1], box.y1, box.y0);
  drawGridFrame(svg, spec, { box, X, Y }, ticks(xs[0], xs.at(-1), 6), ticks(ys[0], ys.at(-1), 6));
  const bar = drawColourBar(svg, spec, box);
  const names = [spec.lossLabel, ...slopes.map((_, k) => `∂${spec.lossLabel}/∂${k ? spec.yName : spec.xName}`)];
  return {
    box,
    X,
    Y,
    bar,
    painted: null, // where in the table the row begins that the canvas shows
    arrow: make(svg, "path", { class: "arrow" }),
    halo: make(svg, "circle", { class: "target-hit", r: 24 }),
    dot: make(svg, "circle", { class: "dot loss", r: 8 }),
    text: make(svg, "text", { class: "value halo" }),
    // On a wide page the numbers stand large beside the map.
    beside: width - bar.x > 240 ? addLargeNumbers(svg, bar.x + 86, box.y0 + 8, names) : [],
  };
}

/** The map is painted only when its row changed: moving the probe leaves it alone. */
function paintMap({ row, value, xs, ys, colours }, view, canvas, { index }) {
  const values = row(value, index);
  if (view.painted === values.byteOffset) return;
  view.painted = values.byteOffset;
  paint(canvas, colours, enlarge(values, xs.length, ys.length, FINE, FINE), FINE, FINE, true);
}

const slopesAt = (data, state) => data.slopes.map((series) => atCell(data, series, state));

function drawMapProbe(data, view, state) {
  const { spec, xs, ys, value } = data;
  const z = atCell(data, value, state);
  const slopes = state.revealed ? slopesAt(data, state) : [];
  const place = { cx: view.X(xs[state.index.probe_x]), cy: view.Y(ys[state.index.probe_y]) };
  setAll(view.dot, place);
  setAll(view.halo, place);
  pointAt(view.bar, z);
  const [gx, gy] = slopes.length ? slopes : [0, 0];
  drawArrow(spec, view, place, gx, gy);
  const numbers = [z, ...slopes];
  view.beside.forEach((text, k) => setText(text, k < numbers.length ? format(numbers[k], spec.digits) : "?"));
  writeValue(view, place, format(z, spec.digits), gx, gy);
}

/** The arrow points where a step against the gradient leads; its length grows with the gradient up to 84 px. */
function drawArrow({ steepest }, { arrow, X, Y }, { cx, cy }, gx, gy) {
  const steep = Math.hypot(gx, gy);
  const length = 14 + 70 * Math.min(1, steep / steepest);
  const [dx, dy] = [-gx * (X(1) - X(0)), -gy * (Y(1) - Y(0))];
  setAll(arrow, { d: steep > 1e-6 ? arrowPath(cx, cy, dx, dy, length) : "" });
}

/** The number at the probe stands on the side the arrow does not point to. */
function writeValue({ text, box }, { cx, cy }, number, gx, gy) {
  const right = gx > 0 ? cx < box.x1 - 60 : cx < box.x0 + 60;
  const y = clamp(cy + (gy > 0 ? -12 : 22), box.y0 + 14, box.y1 - 6);
  setAll(text, { x: cx + (right ? 14 : -14), y, "text-anchor": right ? "start" : "end" });
  setText(text, number);
}
