// A matrix as cells, each with its number, and a frame around the one of the probe.

import { make, setAll, setText } from "../explorer/elements.js";
import { linear } from "../explorer/geometry.js";
import { clamp, format } from "../explorer/numbers.js";
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

export function cellsPanel(spec, table, stage) {
  const data = gridOf(spec, table);
  const canvas = addCanvas(stage, "cells");
  let view;
  return {
    covers: "gradient",
    touch: "pan-y",
    height: (width) => clamp((width - 132) * (data.ys.length / data.xs.length) + 60, 200, 330),
    layout(width, height) {
      view = layoutCells(data, stage.svg, width, height);
      placeCanvas(canvas, view.box, width, height);
    },
    draw(state) {
      paintCells(data, view, canvas, state);
      drawCellProbe(data, view, state);
    },
    grab: (x, y) => grabGrid(view, x, y),
    describe: (state) => gridWords(data, state),
    rows: (state) => gridRows(data, state),
  };
}

function layoutCells({ spec, xs, ys }, svg, width, height) {
  svg.replaceChildren();
  const x0 = 54;
  const ratio = ys.length / xs.length;
  const broad = Math.min(width - x0 - 78, Math.min(width - x0 - 78, height - 58) / ratio);
  const box = { x0, x1: x0 + broad, y0: 14, y1: 14 + broad * ratio };
  const X = linear(xs[0] - 0.5, xs[xs.length - 1] + 0.5, box.x0, box.x1);
  const Y = linear(ys[0] - 0.5, ys[ys.length - 1] + 0.5, box.y0, box.y1);
  drawGridFrame(svg, spec, { box, X, Y }, xs, ys);
  const bar = drawColourBar(svg, spec, box);
  const size = { width: X(1) - X(0), height: Y(1) - Y(0) };
  const addText = (x, y) => make(svg, "text", { class: "cell", x: X(x), y: Y(y) + 4, "text-anchor": "middle" });
  return {
    box,
    X,
    Y,
    bar,
    size,
    painted: null, // where in the table the row begins that the cells show
    texts: ys.flatMap((y) => xs.map((x) => addText(x, y))),
    frame: make(svg, "rect", { class: "cell-frame", ...size }),
    number: addNumber(svg, spec, bar.x, box, width),
  };
}

/** The number of the probe's cell: large beside the cells on a wide page, else below the bar. */
function addNumber(svg, { lossLabel }, x, box, width) {
  if (width - x > 240) return addLargeNumbers(svg, x + 86, box.y0 + 8, [lossLabel])[0];
  return make(svg, "text", { class: "value", x, y: box.y1 + 18 });
}

/** The cells are painted and written only when their row changed: moving the probe leaves them alone. */
function paintCells({ spec, row, value, xs, ys, colours }, view, canvas, { index }) {
  const values = row(value, index);
  if (view.painted === values.byteOffset) return;
  view.painted = values.byteOffset;
  paint(canvas, colours, values, xs.length, ys.length, false);
  // A narrow cell shows fewer digits, a very narrow one none: the probe's number stands beside the cells.
  const room = Math.floor(view.size.width / 7) - 2;
  const digits = Math.min(spec.digits, room - 1);
  view.texts.forEach((text, k) => {
    const z = values[k];
    // Whole numbers in place of fractions would be wrong ones.
    setText(text, room < 1 || (digits < 1 && z % 1) ? "" : format(z, digits));
    const isDark = isFinite(z) && colours.isDark[colours.band(z)];
    text.classList.toggle("on-light", isFinite(z) && !isDark);
    text.classList.toggle("on-dark", isDark);
  });
}

function drawCellProbe(data, { X, Y, size, bar, frame, number }, state) {
  const { spec, xs, ys, value } = data;
  const z = atCell(data, value, state);
  const { probe_x: i, probe_y: j } = state.index;
  setAll(frame, { x: X(xs[i]) - size.width / 2, y: Y(ys[j]) - size.height / 2 });
  pointAt(bar, z);
  setText(number, format(z, spec.digits));
}
