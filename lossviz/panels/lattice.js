// A lattice: states by row, steps of time by column, and what flows along the moves between them.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { linear } from "../explorer/geometry.js";
import { clamp, format } from "../explorer/numbers.js";
import { rowReader } from "../explorer/lookup.js";
import { drawAxes, drawReadouts, readoutWords, writeReadouts } from "./parts.js";

const BELOW = { true: 150, false: 42 }; // px below the nodes, with bars and without

export function latticePanel(spec, table, { svg }) {
  const data = latticeOf(spec, table);
  let view;
  return {
    covers: "flow",
    touch: "auto",
    height: (width) => latticeHeight(data, width),
    layout(width, height) {
      view = layoutLattice(data, svg, width, height);
    },
    draw(state) {
      writeReadouts(view.readouts, data, state);
      drawMoves(data, view, state);
      drawPath(data, view, state);
      drawNodes(data, view, state);
      if (view.bars) drawLatticeBars(data, view.bars, state);
      show(view.cover, !state.revealed);
    },
    grab: (x, y) => grabLattice(data, view, x, y),
    describe: (state) => latticeWords(data, state).join("; "),
    rows: (state) => latticeRows(data, state),
  };
}

/** What the explorer holds, by the parts that are drawn of it. */
function latticeOf(spec, table) {
  const of = (role) => spec.series.filter((s) => s.role === role);
  return {
    spec,
    row: rowReader(spec, table),
    readouts: of("readout"),
    nodes: of("nodes")[0],
    flow: of("flow")[0],
    path: of("path")[0],
    bars: of("bars")[0],
    outline: of("outline")[0],
    symbolStyles: spec.symbols.map((symbol) => spec.styles[spec.labels.indexOf(symbol)]),
  };
}

// --- the layout

function latticeHeight({ spec, path, bars, readouts }, width) {
  const gap = clamp(width / 14, 30, 46);
  const heads = readouts.length ? 4 + 22 * (width < 560 ? readouts.length : 1) : 0;
  return Math.max(200, heads + 8 + (path ? 22 : 0) + gap * spec.labels.length + BELOW[Boolean(bars)]);
}

function layoutLattice(data, svg, width, height) {
  const { spec, path, bars } = data;
  svg.replaceChildren();
  const headLine = drawReadouts(svg, data.readouts, width);
  const top = headLine.height + 8 + (path ? 22 : 0);
  const foot = height - BELOW[Boolean(bars)];
  const slot = (width - 58) / spec.columns.length;
  const gap = (foot - top) / spec.labels.length;
  const X = (column) => 44 + slot * (column + 0.5);
  const Y = (row) => top + gap * (row + 0.5);
  const radius = Math.min(0.42 * gap, 0.3 * slot, 22);
  const view = { readouts: headLine.texts, top, foot, slot, X, Y, radius };
  spec.labels.forEach((label, row) => {
    make(svg, "text", { x: 28, y: Y(row) + 4, class: `name ${spec.styles[row]}`, "text-anchor": "middle" }, label);
  });
  fit(make(svg, "text", { x: 2, y: foot + 16 }, spec.xLabel), 40);
  spec.columns.forEach((column, k) => {
    fit(make(svg, "text", { x: X(k), y: foot + 16, "text-anchor": "middle" }, column), slot - 4);
  });
  Object.assign(view, addMoves(data, svg, view), addPath(data, svg, view), addNodes(data, svg, view));
  view.bars = bars && layoutLatticeBars(data, svg, view, { x0: 44, x1: width - 14, y0: height - 108, y1: height - 42 });
  const corner = { x: width - 14, y: foot + 32, "text-anchor": "end" };
  view.cover = make(svg, "text", corner, "Predict the flow, then reveal");
  return view;
}

/** For each step a line for each move, and over it one as broad as what flows. */
function addMoves({ spec }, svg, { X, Y }) {
  const steps = spec.columns.slice(1).flatMap((_, k) => spec.moves.map(([from, to]) => [k, from, to]));
  const places = steps.map(([k, from, to]) => ({ x1: X(k), x2: X(k + 1), y1: Y(from), y2: Y(to) }));
  for (const place of places) make(svg, "line", { class: "move", ...place });
  return { flows: places.map((place) => make(svg, "line", { class: "flow loss", ...place })) };
}

function addPath({ spec, path }, svg, { X, top }) {
  if (!path) return {};
  const look = { class: "name grad", y: top - 8 };
  make(svg, "text", { ...look, x: 2 }, "path");
  return {
    line: make(svg, "path", { class: "lattice-path grad" }),
    signs: spec.columns.map((_, k) => make(svg, "text", { ...look, x: X(k), "text-anchor": "middle" })),
  };
}

/** The nodes row by row: their place, what is in it, what was in it before, and its number. */
function addNodes({ spec, path }, svg, { X, Y, slot, radius }) {
  const hasNumbers = slot >= 52 && spec.labels.length <= 8;
  const nodes = spec.labels.flatMap((_, row) =>
    spec.columns.map((_, k) => {
      const at = { cx: X(k), cy: Y(row) };
      make(svg, "circle", { class: "place", ...at, r: radius });
      return {
        node: make(svg, "circle", { class: `node ${spec.styles[row]}`, ...at }),
        ghost: make(svg, "circle", { class: `ghost-node ${spec.styles[row]}`, ...at }),
        text: hasNumbers
          ? make(svg, "text", { class: "value", x: X(k), y: Y(row) + 4, "text-anchor": "middle" })
          : null,
      };
    }),
  );
  const rings = path ? spec.columns.map(() => make(svg, "circle", { class: "on-path grad", r: radius + 2.5 })) : [];
  return { nodes, rings };
}

function layoutLatticeBars(data, svg, { X, slot }, box) {
  const { spec, bars, outline, symbolStyles } = data;
  const Y = linear(0, 1, box.y1, box.y0);
  drawAxes(svg, box, null, Y, { yTicks: [0, 0.5, 1] });
  const each = (slot * 0.9) / spec.symbols.length;
  const width = Math.min(40, each * 0.62);
  const middles = spec.symbols.flatMap((_, i) =>
    spec.columns.map((_, k) => X(k) + each * (i - (spec.symbols.length - 1) / 2)),
  );
  const parts = middles.map((x, n) => {
    const [i, k] = [Math.floor(n / spec.columns.length), n % spec.columns.length];
    const style = symbolStyles[i];
    const held = spec.drag?.find((one) => one.symbol === i && one.column === k);
    const sign = { x, y: box.y1 + 15, class: `name ${style}`, "text-anchor": "middle" };
    if (each >= 9) make(svg, "text", sign, spec.symbols[i]);
    const left = x - width / 2;
    const part = {
      bar: make(svg, "rect", { class: `bar ${style}`, x: left, width, rx: 2 }),
      outline: outline && make(svg, "rect", { class: "outline", x: left - 3, width: width + 6, rx: 3 }),
      ghost: make(svg, "line", { class: `ghost-mark ${style}`, x1: left - 5, x2: left + width + 5 }),
      grip: held && make(svg, "line", { class: "grip", x1: x - width / 4, x2: x + width / 4 }),
      text: each >= 30 && make(svg, "text", { class: "small halo", x, "text-anchor": "middle" }),
      held,
    };
    if (held) make(svg, "rect", { class: "grab", x: x - each / 2, y: box.y0 - 10, width: each, height: 76 });
    return part;
  });
  const room = (box.x1 - box.x0) / 2 - 4;
  fit(make(svg, "text", { x: box.x0, y: box.y1 + 34 }, `bars: ${bars.name}`), room);
  const end = { x: box.x1, y: box.y1 + 34, "text-anchor": "end" };
  if (outline) fit(make(svg, "text", end, `dashed: ${outline.name}`), room);
  return { box, Y, each, middles, parts };
}

// --- what moves

function drawMoves({ row, flow }, { flows }, { index, revealed }) {
  const shares = row(flow, index);
  flows.forEach((line, n) => {
    const shown = revealed && shares[n] > 0 && isFinite(shares[n]);
    show(line, shown);
    if (shown) setAll(line, { "stroke-width": clamp(16 * shares[n], 0.75, 16) });
  });
}

/** The row of the path in each column, or −1. */
function pathOf({ spec, row, path }, index) {
  return path ? Array.from(row(path, index), (at) => (spec.labels[at] === undefined ? -1 : at)) : [];
}

function drawPath(data, { line, signs, rings, X, Y }, { index }) {
  const rows = pathOf(data, index);
  if (!rows.length) return;
  let d = "";
  rows.forEach((row, k) => {
    const shown = row >= 0;
    show(rings[k], shown);
    setText(signs[k], shown ? data.spec.labels[row] : "");
    if (!shown) return;
    setAll(rings[k], { cx: X(k), cy: Y(row) });
    d += `${d ? "L" : "M"}${X(k)} ${Y(row)}`;
  });
  setAll(line, { d });
}

function drawNodes({ spec, row, nodes }, view, { index, revealed, ghost }) {
  const values = row(nodes, index);
  const before = ghost && row(nodes, ghost);
  const size = (value) => view.radius * Math.sqrt(clamp(value / spec.range[1], 0, 1));
  view.nodes.forEach((part, n) => {
    const value = values[n];
    show(part.node, revealed && value > 0);
    if (value > 0) setAll(part.node, { r: size(value) });
    const moved = revealed && before && before[n] > 0 && Math.abs(size(before[n]) - size(value)) > 0.5;
    show(part.ghost, Boolean(moved));
    if (moved) setAll(part.ghost, { r: size(before[n]) });
    if (part.text) {
      show(part.text, revealed && value !== 0);
      setText(part.text, format(value, spec.digits));
    }
  });
}

function drawLatticeBars({ spec, row, bars, outline }, { box, Y, parts }, { index, revealed, ghost }) {
  const values = row(bars, index);
  const targets = outline && row(outline, index);
  const before = ghost && row(bars, ghost);
  const span = (value) => {
    const y = Y(clamp(isFinite(value) ? value : 0, 0, 1));
    return { y, height: box.y1 - y };
  };
  parts.forEach((part, n) => {
    const at = span(values[n]);
    setAll(part.bar, at);
    if (part.outline) {
      show(part.outline, revealed);
      setAll(part.outline, span(targets[n]));
    }
    const moved = Boolean(before) && isFinite(before[n]) && before[n] !== values[n];
    show(part.ghost, moved);
    if (moved) setAll(part.ghost, { y1: span(before[n]).y, y2: span(before[n]).y });
    if (part.grip) {
      show(part.grip, at.height >= 14);
      setAll(part.grip, { y1: at.y + 7, y2: at.y + 7 });
    }
    if (!part.text) return;
    setAll(part.text, { y: at.y - 6 });
    setText(part.text, format(values[n], spec.digits));
  });
}

// --- dragging, and the numbers behind the drawing

/** A press in the column of a bar that has a slider, or a little above it, holds the bar. */
function grabLattice(data, { bars }, x, y) {
  if (!bars || y < bars.box.y0 - 10 || y > bars.box.y1 + 20) return null;
  const n = bars.parts.findIndex(({ held }, k) => held && Math.abs(x - bars.middles[k]) <= bars.each / 2);
  return n < 0 ? null : (_, py) => [[bars.parts[n].held.slider, bars.Y.invert(py)]];
}

function latticeWords(data, state) {
  const { spec, row, nodes } = data;
  const words = readoutWords(data, state);
  const path = pathOf(data, state.index);
  if (path.length) words.push(`path ${path.map((at) => (at < 0 ? "none" : spec.labels[at])).join(" ")}`);
  if (!state.revealed) return words;
  const values = row(nodes, state.index);
  const count = spec.columns.length;
  const largest = spec.columns.map((column, k) => {
    let best = 0;
    const at = (r) => (Number.isNaN(values[r * count + k]) ? -Infinity : values[r * count + k]);
    for (let r = 1; r < spec.labels.length; r++) if (at(r) > at(best)) best = r;
    return `${column} ${spec.labels[best]} ${format(values[best * count + k], spec.digits)}`;
  });
  return [...words, `largest by column ${largest.join(", ")}`];
}

/** The nodes row by row, then the bars and their outline. */
function latticeRows({ spec, row, nodes, bars, outline }, { index, revealed }) {
  const lines = (series, names, before) => {
    const values = Array.from(row(series, index), (value) => format(value, spec.digits));
    const count = spec.columns.length;
    return names.map((name, i) => [before + name, ...values.slice(i * count, (i + 1) * count)]);
  };
  return {
    head: [spec.xLabel, ...spec.columns],
    body: [
      ...lines(nodes, spec.labels, "").map((line) => (revealed ? line : coveredLine(line))),
      ...(bars ? lines(bars, spec.symbols, `${bars.name} `) : []),
      ...(outline && revealed ? lines(outline, spec.symbols, `${outline.name} `) : []),
    ],
  };
}

const coveredLine = ([name, ...numbers]) => [name, ...numbers.map(() => "?")];
