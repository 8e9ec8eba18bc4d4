// A function of two numbers as a map, or a matrix as cells.

import { html, make, setAll, setText, show } from "../explorer/elements.js";
import { arrowPath, linear } from "../explorer/geometry.js";
import { clamp, format, tickText, ticks } from "../explorer/numbers.js";
import { rowOf } from "../explorer/lookup.js";
import { enlarge, luminance } from "./pixels.js";

const FINE = 180; // pixels of a map along each side, before the browser scales it to its place

export function heatmapPanel(spec, table, stage) {
  const { wrap, svg } = stage;
  const canvas = html(wrap, "canvas", { class: spec.cells ? "cells" : "", "aria-hidden": "true" });
  svg.before(canvas);
  const axis = (name) => spec.controls.find((c) => c.name === name);
  const xs = axis("probe_x").values;
  const ys = axis("probe_y").values;
  const [value] = spec.series.filter((s) => s.role === "value");
  const slopes = spec.series.filter((s) => s.role === "grad");
  const [lo, hi] = spec.range;
  const colors = spec.colors.map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const cells = spec.cells;
  const paints = new Uint32Array(new Uint8Array(colors.flatMap((color) => [...color, 255])).buffer);
  // Where white is read better than black.
  const dark = colors.map((color) => luminance(color) < 0.179);
  let box, X, Y, parts, painted;

  const half = cells ? 0.5 : 0;
  function layout(width, height) {
    svg.replaceChildren();
    painted = null;
    const x0 = 54;
    const side = Math.min(width - x0 - 78, height - 58);
    const ratio = cells ? (ys.length / xs.length) : 1;
    const broad = Math.min(width - x0 - 78, side / Math.min(1, ratio));
    box = { x0, x1: x0 + Math.min(broad, side / ratio), y0: 14, y1: 14 };
    box.y1 = box.y0 + (box.x1 - box.x0) * ratio;
    X = linear(xs[0] - half, xs[xs.length - 1] + half, box.x0, box.x1);
    Y = linear(ys[0] - half, ys[ys.length - 1] + half, ...(cells ? [box.y0, box.y1] : [box.y1, box.y0]));
    setAll(canvas, { style: `left:${(100 * box.x0) / width}%;top:${(100 * box.y0) / height}%;width:${(100 * (box.x1 - box.x0)) / width}%;height:${(100 * (box.y1 - box.y0)) / height}%` });

    for (const x of cells ? xs : ticks(xs[0], xs[xs.length - 1], 6)) make(svg, "text", { x: X(x), y: box.y1 + 18, "text-anchor": "middle" }, tickText(x));
    for (const y of cells ? ys : ticks(ys[0], ys[ys.length - 1], 6)) make(svg, "text", { x: box.x0 - 8, y: Y(y) + 4, "text-anchor": "end" }, tickText(y));
    make(svg, "text", { x: (box.x0 + box.x1) / 2, y: box.y1 + 38, "text-anchor": "middle" }, spec.xLabel);
    const middle = (box.y0 + box.y1) / 2;
    make(svg, "text", { x: 14, y: middle, transform: `rotate(-90 14 ${middle})`, "text-anchor": "middle" }, spec.yLabel);
    make(svg, "rect", { class: "frame", x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 });

    const bar = { x: box.x1 + 20, y0: box.y0 + 18, y1: box.y1 };
    const B = linear(lo, hi, bar.y1, bar.y0);
    make(svg, "text", { x: bar.x, y: box.y0 + 8, class: "name" }, spec.lossLabel);
    spec.colors.forEach((color, k) => {
      const step = (bar.y1 - bar.y0) / spec.colors.length;
      make(svg, "rect", { x: bar.x, y: bar.y1 - (k + 1) * step, width: 14, height: step + 0.6, fill: color });
    });
    for (const v of ticks(lo, hi, 5)) make(svg, "text", { x: bar.x + 20, y: B(v) + 4 }, tickText(v));

    parts = {
      here: make(svg, "path", { class: "here", d: "M-7 -5L0 0L-7 5z" }),
      cellTexts: cells ? ys.flatMap((y) => xs.map((x) => make(svg, "text", { class: "cell", x: X(x), y: Y(y) + 4, "text-anchor": "middle" }))) : [],
      arrow: make(svg, "path", { class: "arrow" }),
      box: make(svg, "rect", { class: "cell-frame", width: Math.abs(X(1) - X(0)), height: Math.abs(Y(1) - Y(0)) }),
      halo: make(svg, "circle", { class: "target-hit", r: 24 }),
      dot: make(svg, "circle", { class: "dot loss", r: 8 }),
      text: make(svg, "text", { class: "value halo" }),
      marker: { x: bar.x - 2, B },
      // On a wide page the numbers stand large beside the map.
      beside: width - bar.x > 240 ? readout(bar.x + 86, box.y0 + 8) : cells ? [make(svg, "text", { class: "value", x: bar.x, y: box.y1 + 18 })] : [],
    };
    show(cells ? parts.dot : parts.box, false);
    if (cells) show(parts.halo, false);
  }

  function readout(x, y) {
    const names = [spec.lossLabel, ...slopes.map((_, k) => `∂${spec.lossLabel}/∂${k ? spec.yName : spec.xName}`)];
    return names.map((name, k) => {
      make(svg, "text", { x, y: y + 58 * k, class: `name ${k ? "grad" : "loss"}` }, name);
      return make(svg, "text", { x, y: y + 58 * k + 28, class: "large" });
    });
  }

  const bands = linear(lo, hi, 0, colors.length);
  const band = (z) => clamp(Math.floor(bands(z)), 0, colors.length - 1);

  function paint(row) {
    if (painted === row.byteOffset) return;
    painted = row.byteOffset;
    const columns = cells ? xs.length : FINE;
    const lines = cells ? ys.length : FINE;
    const values = cells ? row : enlarge(row, xs.length, ys.length, columns, lines);
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== lines) canvas.height = lines;
    const context = canvas.getContext("2d");
    const image = context.createImageData(columns, lines);
    const pixels = new Uint32Array(image.data.buffer);
    for (let j = 0, at = 0; j < lines; j++) {
      // Row 0 of the picture is its top: the largest y of a plane, but the first row of a grid of cells.
      const start = (cells ? j : lines - 1 - j) * columns;
      for (let i = 0; i < columns; i++, at++) {
        const z = values[start + i];
        if (z - z === 0) pixels[at] = paints[band(z)]; // what is not finite stays transparent
      }
    }
    context.putImageData(image, 0, 0);
    // A narrow cell shows fewer digits, a very narrow one none: the probe's number stands beside the map.
    const room = Math.floor(Math.abs(X(1) - X(0)) / 7) - 2;
    parts.cellTexts.forEach((text, k) => {
      // Whole numbers in place of fractions would be wrong ones.
      const digits = Math.min(spec.digits, room - 1);
      text.textContent = room < 1 || (digits < 1 && row[k] % 1) ? "" : format(row[k], digits);
      text.classList.toggle("on-light", isFinite(row[k]) && !dark[band(row[k])]);
      text.classList.toggle("on-dark", isFinite(row[k]) && dark[band(row[k])]);
    });
  }

  const at = (state) => state.index.probe_y * xs.length + state.index.probe_x;
  const slopeAt = (state) => slopes.map((s) => rowOf(spec, table, s, state.index)[at(state)]);

  function draw(state) {
    const row = rowOf(spec, table, value, state.index);
    paint(row);
    const z = row[at(state)];
    const x = X(xs[state.index.probe_x]);
    const y = Y(ys[state.index.probe_y]);
    for (const part of [parts.dot, parts.halo]) setAll(part, { cx: x, cy: y });
    setAll(parts.box, { x: x - Math.abs(X(1) - X(0)) / 2, y: y - Math.abs(Y(1) - Y(0)) / 2 });
    parts.here.setAttribute("transform", `translate(${parts.marker.x} ${parts.marker.B(clamp(isFinite(z) ? z : lo, lo, hi))})`);
    show(parts.here, isFinite(z));
    const [gx, gy] = state.revealed && slopes.length ? slopeAt(state) : [0, 0];
    // The arrow points where a step against the gradient leads; its length grows with the gradient up to 84 px.
    const steep = Math.hypot(gx, gy);
    const length = 14 + 70 * Math.min(1, steep / spec.steepest);
    parts.arrow.setAttribute("d", steep > 1e-6 ? arrowPath(x, y, -gx * (X(1) - X(0)), -gy * (Y(1) - Y(0)), length) : "");
    const numbers = [z, ...(state.revealed ? slopeAt(state) : [])];
    parts.beside.forEach((text, k) => setText(text, k < numbers.length ? format(numbers[k], spec.digits) : "?"));
    // The number at the probe stands on the side the arrow does not point to.
    const right = gx > 0 ? x < box.x1 - 60 : x < box.x0 + 60;
    setAll(parts.text, { x: x + (right ? 14 : -14), y: clamp(y + (gy > 0 ? -12 : 22), box.y0 + 14, box.y1 - 6), "text-anchor": right ? "start" : "end" });
    setText(parts.text, cells ? "" : format(z, spec.digits));
  }

  return {
    covers: "gradient",
    layout,
    draw,
    height: (width) => clamp(cells ? (width - 132) * (ys.length / xs.length) + 60 : width - 74, 200, cells ? 330 : 400),
    touch: "pan-y",
    grab: (x, y) =>
      x < box.x0 - 10 || x > box.x1 + 10 || y < box.y0 - 10 || y > box.y1 + 10
        ? null
        : (px, py) => [["probe_x", X.invert(px)], ["probe_y", Y.invert(py)]],
    describe(state) {
      const z = rowOf(spec, table, value, state.index)[at(state)];
      const text = `${spec.lossLabel} ${format(z, spec.digits)}`;
      if (!slopes.length || !state.revealed) return text;
      return `${text}, gradient ${slopeAt(state).map((g) => format(g, spec.digits)).join(" and ")}`;
    },
    rows(state) {
      const pick = (n) => Array.from({ length: Math.min(n, 9) }, (_, k) => Math.round((k * (n - 1)) / (Math.min(n, 9) - 1)));
      const row = rowOf(spec, table, value, state.index);
      const columns = pick(xs.length);
      return {
        head: [`${spec.yLabel} \\ ${spec.xLabel}`, ...columns.map((i) => tickText(xs[i]))],
        body: pick(ys.length).map((j) => [tickText(ys[j]), ...columns.map((i) => format(row[j * xs.length + i], spec.digits))]),
      };
    },
  };
}
