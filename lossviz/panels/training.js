// A recorded training: what models say over their data, and beside it how they did up to here.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { isInside, linePath, linear } from "../explorer/geometry.js";
import { clamp, format, sample, ticks } from "../explorer/numbers.js";
import { rowReader } from "../explorer/lookup.js";
import { clipBox, drawAxes, drawReadouts } from "./parts.js";

// The shape tells the groups of data apart, and not the colour, which is the models'.
const SHAPES = ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", "M-4 -4L4 4M-4 4L4 -4", "M0 -5L5 4L-5 4z"];

export function trainingPanel(spec, table, { svg }) {
  const data = trainingOf(spec, table);
  let view;
  return {
    covers: "",
    touch: "pan-y",
    height: (width) => (width >= 560 ? clamp(width * 0.46, 300, 380) : 450 + 22 * data.models.length),
    layout(width, height) {
      view = layoutTraining(data, svg, width, height);
    },
    draw: (state) => drawTraining(data, view, state),
    grab: (x, y) => (isInside(view.right, x, y, 10) ? (px) => [["epoch", view.E.invert(px)]] : null),
    describe: (state) => `${spec.lossLabel} ${modelWords(data, state).join(", ")}`,
    rows: (state) => trainingRows(data, state),
  };
}

/** What the explorer holds: its models, each with all that was recorded of it. */
function trainingOf(spec, table) {
  const of = (role) => spec.series.filter((s) => s.role === role);
  const byEpoch = spec.controls.find((c) => c.name === "epoch");
  const histories = of("history");
  const models = of("curve").map((series, i) => {
    const { offset } = histories[i];
    const past = table.subarray(offset, offset + byEpoch.values.length);
    return { name: series.name, series, past, style: i ? `other${i}` : "loss" };
  });
  return { spec, byEpoch, models, row: rowReader(spec, table) };
}

// --- the layout

function layoutTraining(data, svg, width, height) {
  svg.replaceChildren();
  const headLine = drawReadouts(svg, data.models, width);
  const view = scaleTraining(data, headLine.height + 24, width, height);
  drawTrainingFrame(data, svg, view);
  drawKeys(data.spec, svg, view.left);
  const inLeft = make(svg, "g", { "clip-path": clipBox(svg, view.left) });
  const inRight = make(svg, "g", { "clip-path": clipBox(svg, view.right), fill: "none" });
  drawSamples(data.spec, inLeft, view);
  view.models = data.models.map((m, i) => addModel(m, headLine.texts[i], { svg, inLeft, inRight }, view));
  view.cursor = make(inRight, "line", { class: "probe", y1: view.right.y0, y2: view.right.y1 });
  return view;
}

/** The two boxes, side by side or, on a phone, one below the other, and their scales. */
function scaleTraining({ spec, byEpoch: { values: epochs } }, head, width, height) {
  const middle = Math.round(width * 0.6);
  const split = Math.round(head + (height - head) * 0.55);
  const [left, right] =
    width >= 560
      ? [
          { x0: 48, x1: middle - 18, y0: head, y1: height - 44 },
          { x0: middle + 40, x1: width - 18, y0: head, y1: height - 44 },
        ]
      : [
          { x0: 42, x1: width - 16, y0: head, y1: split - 42 },
          { x0: 42, x1: width - 16, y0: split + 20, y1: height - 42 },
        ];
  const X = linear(...spec.range, left.x0, left.x1);
  const E = linear(epochs[0], epochs[epochs.length - 1], right.x0, right.x1);
  const tenths = (place) => String(Math.round(place * 10) / 10);
  return {
    left,
    right,
    X,
    Y: linear(...spec.yRange, left.y1, left.y0),
    E,
    H: linear(...spec.historyRange, right.y1, right.y0),
    px: spec.x.map((x) => tenths(X(x))),
    pe: epochs.map((epoch) => tenths(E(epoch))),
  };
}

function drawTrainingFrame({ spec, byEpoch }, svg, { left, right, X, Y, E, H }) {
  const epochs = byEpoch.values;
  drawAxes(svg, left, X, Y, { xTicks: ticks(...spec.range, 6), yTicks: ticks(...spec.yRange, 5) });
  const xTicks = ticks(epochs[0], epochs[epochs.length - 1], 4);
  drawAxes(svg, right, E, H, { xTicks, yTicks: ticks(...spec.historyRange, 5) });
  const below = (box) => ({ x: (box.x0 + box.x1) / 2, y: box.y1 + 36, "text-anchor": "middle" });
  make(svg, "text", below(left), spec.xLabel);
  make(svg, "text", below(right), byEpoch.label);
  fit(make(svg, "text", { x: right.x0, y: right.y0 - 8, class: "name" }, spec.lossLabel), right.x1 - right.x0);
}

/** Which shape is which group stands at the right, above the data; what room it leaves is for the axis. */
function drawKeys(spec, svg, box) {
  let edge = box.x1;
  for (let k = spec.data.length - 1; k >= 0; k--) {
    const key = make(svg, "text", { x: edge, y: box.y0 - 8, "text-anchor": "end" }, spec.data[k].name);
    edge -= fit(key, 120) + 10;
    addSample(svg, k, edge, box.y0 - 12);
    edge -= 16;
  }
  fit(make(svg, "text", { x: box.x0, y: box.y0 - 8 }, spec.yLabel), edge - box.x0);
}

function drawSamples(spec, parent, { X, Y }) {
  spec.data.forEach(({ x, y }, k) => x.forEach((at, i) => addSample(parent, k, X(at), Y(y[i]))));
}

function addSample(parent, k, x, y) {
  make(parent, "path", { class: `sample shape${k}`, d: SHAPES[k], transform: `translate(${x} ${y})` });
}

/** The lines of one model; `value` is the text of its read-out. */
function addModel({ style, past }, value, { svg, inLeft, inRight }, { pe, H, right }) {
  value.parentNode.classList.add(style);
  const ahead = linePath(pe, past, H, right.y0, right.y1);
  return {
    curve: make(inLeft, "path", { class: `curve ${style}` }),
    ahead: make(inRight, "path", { class: `curve ${style} ahead`, d: ahead }),
    history: make(inRight, "path", { class: `curve ${style}` }),
    dot: make(svg, "circle", { class: `dot ${style}`, r: 5.5 }),
    text: value.parentNode,
    value,
  };
}

// --- an epoch

function drawTraining(data, view, state) {
  const x = view.pe[state.index.epoch];
  setAll(view.cursor, { x1: x, x2: x });
  data.models.forEach((model, k) => {
    const { curve, ahead, history, dot, text } = view.models[k];
    const shown = !state.hidden.has(model.name);
    for (const part of [curve, ahead, history, dot, text]) show(part, shown);
    if (shown) drawModel(data, model, view, view.models[k], state.index);
  });
}

function drawModel({ spec, row }, { series, past }, { left, right, px, pe, Y, H }, parts, index) {
  const now = index.epoch;
  parts.curve.setAttribute("d", linePath(px, row(series, index), Y, left.y0, left.y1));
  parts.history.setAttribute("d", linePath(pe.slice(0, now + 1), past, H, right.y0, right.y1));
  const y = H(past[now]);
  show(parts.dot, y >= right.y0 - 1 && y <= right.y1 + 1);
  setAll(parts.dot, { cx: pe[now], cy: y });
  setText(parts.value, format(past[now], spec.digits));
}

// --- the numbers behind the drawing

const shownModels = ({ models }, state) => models.filter((m) => !state.hidden.has(m.name));

function modelWords(data, state) {
  const { digits } = data.spec;
  return shownModels(data, state).map((m) => `${m.name} ${format(m.past[state.index.epoch], digits)}`);
}

function trainingRows(data, state) {
  const { spec, byEpoch } = data;
  const shown = shownModels(data, state);
  return {
    head: [byEpoch.label, ...shown.map((m) => `${m.name}: ${spec.lossLabel}`)],
    body: sample(byEpoch.values.length, 13).map((i) => {
      return [byEpoch.text[i], ...shown.map((m) => format(m.past[i], spec.digits))];
    }),
  };
}
