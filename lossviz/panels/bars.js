// Groups of bars, one bar a label.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { linear } from "../explorer/geometry.js";
import { clamp, format, ticks } from "../explorer/numbers.js";
import { rowReader } from "../explorer/lookup.js";
import { drawAxes, drawCover, drawReadouts, readoutWords, writeReadouts } from "./parts.js";

export function barsPanel(spec, table, { svg }) {
  const data = barsOf(spec, table);
  let view;
  return {
    covers: "", // bars may hide anything
    touch: "auto",
    height: (width) => barsHeight(data, width),
    layout(width, height) {
      view = layoutBars(data, svg, width, height);
    },
    draw(state) {
      writeReadouts(view.readouts, data, state);
      data.groups.forEach((group, k) => drawGroup(data, group, view.groups[k], state));
    },
    grab: (x, y) => grabBar(data, view, x, y),
    describe: (state) => [...readoutWords(data, state), ...barWords(data, state)].join("; "),
    rows: (state) => barRows(data, state),
  };
}

/** What the explorer holds, by the parts that are drawn of it. */
function barsOf(spec, table) {
  const of = (role, i) => spec.series.find((s) => s.role === role && s.group === i);
  return {
    spec,
    row: rowReader(spec, table),
    readouts: spec.series.filter((s) => s.role === "readout"),
    groups: spec.groups.map((g, i) => ({ ...g, values: of("bars", i), outline: of("outline", i) })),
  };
}

const isUncovered = (group, state) => state.revealed || !group.reveal;

// --- the layout

/** One row where the panels have room in it, else two, and on a phone one below the other. */
function columnsFor({ groups }, width) {
  if (width < 560) return 1;
  return width / groups.length < 180 ? Math.ceil(groups.length / 2) : groups.length;
}

function barsHeight(data, width) {
  const { groups, readouts } = data;
  if (width < 560) return 34 + 22 * readouts.length + 190 * groups.length;
  return columnsFor(data, width) < groups.length ? 34 + 2 * 210 : clamp(width * 0.42, 270, 330);
}

function layoutBars(data, svg, width, height) {
  svg.replaceChildren();
  const headLine = drawReadouts(svg, data.readouts, width);
  const head = headLine.height + 8;
  const columns = columnsFor(data, width);
  const tall = (height - head) / Math.ceil(data.groups.length / columns);
  const broad = width / columns;
  const groups = data.groups.map((group, k) => {
    const [x, y] = [(k % columns) * broad, head + Math.floor(k / columns) * tall];
    return layoutGroup(data, group, svg, { x0: x + 44, x1: x + broad - 10, y0: y + 26, y1: y + tall - 30 });
  });
  return { readouts: headLine.texts, groups };
}

function layoutGroup({ spec: { labels } }, group, svg, box) {
  const Y = linear(...group.range, box.y1, box.y0);
  const part = make(svg, "g");
  make(part, "text", { x: box.x0, y: box.y0 - 13, class: `name ${group.style}` }, group.name);
  drawAxes(part, box, null, Y, { yTicks: ticks(...group.range, 4) });
  const slot = (box.x1 - box.x0) / labels.length;
  const content = make(part, "g");
  const bars = labels.map((label, i) => {
    const middle = box.x0 + slot * (i + 0.5);
    fit(make(part, "text", { x: middle, y: box.y1 + 18, "text-anchor": "middle" }, label), slot - 4);
    return addBar(content, group, i, middle, Math.min(54, slot * 0.62));
  });
  const cover = drawCover(part, box);
  group.drag.forEach((name, i) => {
    const place = { x: box.x0 + slot * i, y: box.y0 - 14, width: slot, height: box.y1 - box.y0 + 28 };
    if (name) make(content, "rect", { class: "grab", ...place });
  });
  // As many digits as fit beside each other: a sign, a digit and a point before them.
  const digits = group.digits < 1 ? group.digits : clamp(Math.floor(slot / 7.6 - 3), 1, group.digits);
  return { box, Y, bars, content, cover, slot, digits };
}

function addBar(content, { style, outline, drag }, i, middle, width) {
  const x = middle - width / 2;
  const frame = { class: "outline", x: x - 3, width: width + 6, rx: 3 };
  return {
    bar: make(content, "rect", { class: `bar ${style}`, x, width, rx: 2 }),
    outline: outline && make(content, "rect", frame),
    ghost: make(content, "line", { class: `ghost-mark ${style}`, x1: x - 5, x2: middle + width / 2 + 5 }),
    handle: drag[i] && make(content, "line", { class: "grip", x1: middle - width / 4, x2: middle + width / 4 }),
    text: make(content, "text", { class: "value halo", x: middle, "text-anchor": "middle" }),
  };
}

// --- the bars

function drawGroup({ row }, group, view, state) {
  const shown = isUncovered(group, state);
  show(view.content, shown);
  show(view.cover, !shown);
  const values = row(group.values, state.index);
  const targets = group.outline && row(group.outline, state.index);
  const before = state.ghost && row(group.values, state.ghost);
  view.bars.forEach((bar, i) => {
    drawBar(view, bar, values[i]);
    if (bar.outline) setAll(bar.outline, barSpan(view, targets[i]));
    drawGhost(view, bar, values[i], before ? before[i] : NaN);
  });
}

/** From where to where a bar reaches: from 0 to its value, as far as the axis goes. */
function barSpan({ box, Y }, value) {
  const end = clamp(Y(isFinite(value) ? value : 0), box.y0, box.y1);
  const start = clamp(Y(0), box.y0, box.y1);
  return { y: Math.min(end, start), height: Math.abs(end - start) };
}

/** A bar with its number and its grip, which stand at its end. */
function drawBar(view, { bar, handle, text }, value) {
  const { box, digits } = view;
  const span = barSpan(view, value);
  setAll(bar, span);
  const tip = value < 0 ? span.y + span.height : span.y;
  if (handle) {
    const grip = value < 0 ? tip - 7 : tip + 7;
    setAll(handle, { y1: grip, y2: grip });
    show(handle, span.height >= 14);
  }
  setAll(text, { y: value < 0 ? Math.min(tip + 17, box.y1 + 3) : Math.max(tip - 7, box.y0 - 2) });
  setText(text, format(value, digits));
}

/** A line where the bar ended before the last gesture. */
function drawGhost({ Y }, { ghost }, value, before) {
  const shown = isFinite(before) && before !== value;
  show(ghost, shown);
  if (!shown) return;
  const y = Y(before);
  setAll(ghost, { y1: y, y2: y });
}

// --- dragging, and the numbers behind the drawing

/** A press in the column of a bar, or a little above or below it, holds the bar. */
function grabBar({ groups, spec }, view, x, y) {
  const k = view.groups.findIndex(({ box }, i) => {
    const isIn = x >= box.x0 && x <= box.x1 && y >= box.y0 - 14 && y <= box.y1 + 14;
    return isIn && groups[i].drag.some(Boolean);
  });
  if (k < 0) return null;
  const { box, slot, Y } = view.groups[k];
  const name = groups[k].drag[clamp(Math.floor((x - box.x0) / slot), 0, spec.labels.length - 1)];
  return name ? (_, py) => [[name, Y.invert(py)]] : null;
}

function barWords({ groups, row }, state) {
  const shown = groups.filter((g) => isUncovered(g, state));
  return shown.map((g) => `${g.name} ${Array.from(row(g.values, state.index), (v) => format(v, g.digits)).join(", ")}`);
}

function barRows({ spec, groups, row }, state) {
  const shown = groups.filter((g) => isUncovered(g, state));
  const values = shown.map((g) => row(g.values, state.index));
  return {
    head: ["", ...shown.map((g) => g.name)],
    body: spec.labels.map((label, i) => [label, ...values.map((v, k) => format(v[i], shown[k].digits))]),
  };
}
