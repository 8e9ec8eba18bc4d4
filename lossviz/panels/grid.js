// A grid of numbers over two probes, seen from above: what a map and a matrix of cells share.

import { html, make, setAll } from "../explorer/elements.js";
import { isInside } from "../explorer/geometry.js";
import { format, sample, tickText } from "../explorer/numbers.js";
import { rowReader } from "../explorer/lookup.js";
import { coloursOf } from "./colours.js";

/** What the explorer holds: numbers row by row, over xs and ys. */
export function gridOf(spec, table) {
  const axis = (name) => spec.controls.find((c) => c.name === name).values;
  return {
    spec,
    row: rowReader(spec, table),
    xs: axis("probe_x"),
    ys: axis("probe_y"),
    value: spec.series.find((s) => s.role === "value"),
    slopes: spec.series.filter((s) => s.role === "grad"),
    colours: coloursOf(spec),
  };
}

/** The number of a series where the probe stands. */
export const atCell = ({ row, xs }, series, { index }) => row(series, index)[index.probe_y * xs.length + index.probe_x];

/** A canvas below the drawing, for the colours. */
export function addCanvas({ wrap, svg }, className) {
  const canvas = html(wrap, "canvas", { class: className, "aria-hidden": "true" });
  svg.before(canvas);
  return canvas;
}

export function placeCanvas(canvas, box, width, height) {
  const share = (length, whole) => `${(100 * length) / whole}%`;
  const place = [
    `left:${share(box.x0, width)}`,
    `top:${share(box.y0, height)}`,
    `width:${share(box.x1 - box.x0, width)}`,
    `height:${share(box.y1 - box.y0, height)}`,
  ];
  setAll(canvas, { style: place.join(";") });
}

/** The numbers and names along two sides of the box, and its frame. */
export function drawGridFrame(svg, { xLabel, yLabel }, { box, X, Y }, xTicks, yTicks) {
  for (const x of xTicks) make(svg, "text", { x: X(x), y: box.y1 + 18, "text-anchor": "middle" }, tickText(x));
  for (const y of yTicks) make(svg, "text", { x: box.x0 - 8, y: Y(y) + 4, "text-anchor": "end" }, tickText(y));
  make(svg, "text", { x: (box.x0 + box.x1) / 2, y: box.y1 + 38, "text-anchor": "middle" }, xLabel);
  const middle = (box.y0 + box.y1) / 2;
  const turned = { x: 14, y: middle, transform: `rotate(-90 14 ${middle})`, "text-anchor": "middle" };
  make(svg, "text", turned, yLabel);
  make(svg, "rect", { class: "frame", x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 });
}

/** Room for numbers that stand large beside the box, one below the other; returns their texts. */
export function addLargeNumbers(svg, x, y, names) {
  return names.map((name, k) => {
    make(svg, "text", { x, y: y + 58 * k, class: `name ${k ? "grad" : "loss"}` }, name);
    return make(svg, "text", { x, y: y + 58 * k + 28, class: "large" });
  });
}

export function grabGrid({ box, X, Y }, x, y) {
  return isInside(box, x, y, 10)
    ? (px, py) => [
        ["probe_x", X.invert(px)],
        ["probe_y", Y.invert(py)],
      ]
    : null;
}

export const gridWords = (data, state) =>
  `${data.spec.lossLabel} ${format(atCell(data, data.value, state), data.spec.digits)}`;

/** At most nine rows and columns of the numbers. */
export function gridRows({ spec, row, xs, ys, value }, { index }) {
  const values = row(value, index);
  const columns = sample(xs.length, 9);
  return {
    head: [`${spec.yLabel} \\ ${spec.xLabel}`, ...columns.map((i) => tickText(xs[i]))],
    body: sample(ys.length, 9).map((j) => {
      return [tickText(ys[j]), ...columns.map((i) => format(values[j * xs.length + i], spec.digits))];
    }),
  };
}
