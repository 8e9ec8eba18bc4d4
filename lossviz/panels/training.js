// A recorded training: what models say over their data, and beside it how they did up to here.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { linePath, linear } from "../explorer/geometry.js";
import { clamp, format, ticks } from "../explorer/numbers.js";
import { rowOf } from "../explorer/lookup.js";
import { clipBox, drawAxes, drawReadouts } from "./parts.js";

/** What models say after each epoch, over the data that they learn from; beside it how they did up to here. */
export function trainingPanel(spec, table, stage) {
  const { svg } = stage;
  const byEpoch = spec.controls.find((c) => c.name === "epoch");
  const epochs = byEpoch.values;
  const of = (role) => spec.series.filter((s) => s.role === role);
  const histories = of("history");
  const models = of("curve").map((series, i) => ({ name: series.name, series, style: i ? `other${i}` : "loss", history: histories[i] }));
  const past = ({ history }) => table.subarray(history.offset, history.offset + epochs.length);
  const last = epochs.length - 1;
  // The shape tells the groups of data apart, and not the colour, which is the models'.
  const SHAPES = ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", "M-4 -4L4 4M-4 4L4 -4", "M0 -5L5 4L-5 4z"];
  let left, right, X, Y, E, H, px, pe, parts;

  function layout(width, height) {
    svg.replaceChildren();
    const wide = width >= 560;
    const headLine = drawReadouts(svg, models, width);
    const head = headLine.height + 24;
    if (wide) {
      const middle = Math.round(width * 0.6);
      left = { x0: 48, x1: middle - 18, y0: head, y1: height - 44 };
      right = { x0: middle + 40, x1: width - 18, y0: head, y1: height - 44 };
    } else {
      const split = Math.round(head + (height - head) * 0.55);
      left = { x0: 42, x1: width - 16, y0: head, y1: split - 42 };
      right = { x0: 42, x1: width - 16, y0: split + 20, y1: height - 42 };
    }
    X = linear(...spec.range, left.x0, left.x1);
    Y = linear(...spec.yRange, left.y1, left.y0);
    E = linear(epochs[0], epochs[last], right.x0, right.x1);
    H = linear(...spec.historyRange, right.y1, right.y0);
    px = spec.x.map((x) => String(Math.round(X(x) * 10) / 10));
    pe = epochs.map((e) => String(Math.round(E(e) * 10) / 10));

    drawAxes(svg, left, X, Y, { xTicks: ticks(...spec.range, 6), yTicks: ticks(...spec.yRange, 5) });
    drawAxes(svg, right, E, H, { xTicks: ticks(epochs[0], epochs[last], 4), yTicks: ticks(...spec.historyRange, 5) });
    // Which shape is which group stands at the right, above the data; what room it leaves is for the axis.
    let edge = left.x1;
    for (let k = spec.data.length - 1; k >= 0; k--) {
      const key = make(svg, "text", { x: edge, y: left.y0 - 8, "text-anchor": "end" }, spec.data[k].name);
      edge -= fit(key, 120) + 10;
      make(svg, "path", { class: `sample shape${k}`, d: SHAPES[k], transform: `translate(${edge} ${left.y0 - 12})` });
      edge -= 16;
    }
    fit(make(svg, "text", { x: left.x0, y: left.y0 - 8 }, spec.yLabel), edge - left.x0);
    make(svg, "text", { x: (left.x0 + left.x1) / 2, y: left.y1 + 36, "text-anchor": "middle" }, spec.xLabel);
    fit(make(svg, "text", { x: right.x0, y: right.y0 - 8, class: "name" }, spec.lossLabel), right.x1 - right.x0);
    make(svg, "text", { x: (right.x0 + right.x1) / 2, y: right.y1 + 36, "text-anchor": "middle" }, byEpoch.label);

    const inLeft = make(svg, "g", { "clip-path": clipBox(svg, left) });
    const inRight = make(svg, "g", { "clip-path": clipBox(svg, right), fill: "none" });
    spec.data.forEach(({ x, y }, k) => x.forEach((at, i) => make(inLeft, "path", { class: `sample shape${k}`, d: SHAPES[k], transform: `translate(${X(at)} ${Y(y[i])})` })));
    parts = models.map((m, i) => {
      const value = headLine.texts[i];
      value.parentNode.classList.add(m.style);
      return {
        curve: make(inLeft, "path", { class: `curve ${m.style}` }),
        ahead: make(inRight, "path", { class: `curve ${m.style} ahead`, d: linePath(pe, past(m), H, right.y0, right.y1) }),
        history: make(inRight, "path", { class: `curve ${m.style}` }),
        dot: make(svg, "circle", { class: `dot ${m.style}`, r: 5.5 }),
        text: value.parentNode,
        value,
      };
    });
    parts.cursor = make(inRight, "line", { class: "probe", y1: right.y0, y2: right.y1 });
  }

  const isShown = (m, state) => !state.hidden.has(m.name);

  function draw(state) {
    const now = state.index.epoch;
    setAll(parts.cursor, { x1: pe[now], x2: pe[now] });
    models.forEach((m, k) => {
      const { curve, ahead, history, dot, text, value } = parts[k];
      const shown = isShown(m, state);
      for (const part of [curve, ahead, history, dot, text]) show(part, shown);
      if (!shown) return;
      const values = past(m);
      curve.setAttribute("d", linePath(px, rowOf(spec, table, m.series, state.index), Y, left.y0, left.y1));
      history.setAttribute("d", linePath(pe.slice(0, now + 1), values, H, right.y0, right.y1));
      const y = H(values[now]);
      show(dot, y >= right.y0 - 1 && y <= right.y1 + 1);
      setAll(dot, { cx: pe[now], cy: y });
      setText(value, format(values[now], spec.digits));
    });
  }

  const shownModels = (state) => models.filter((m) => isShown(m, state));
  return {
    covers: "",
    layout,
    draw,
    height: (width) => (width >= 560 ? clamp(width * 0.46, 300, 380) : 450 + 22 * models.length),
    touch: "pan-y",
    grab: (x, y) => (x < right.x0 - 10 || x > right.x1 + 10 || y < right.y0 - 10 || y > right.y1 + 10 ? null : (at) => [["epoch", E.invert(at)]]),
    describe: (state) => `${spec.lossLabel}: ` + shownModels(state).map((m) => `${m.name} ${format(past(m)[state.index.epoch], spec.digits)}`).join(", "),
    rows(state) {
      const pick = [...new Set(Array.from({ length: 13 }, (_, k) => Math.round((k * last) / 12)))];
      const shown = shownModels(state);
      return {
        head: [byEpoch.label, ...shown.map((m) => `${m.name}: ${spec.lossLabel}`)],
        body: pick.map((i) => [byEpoch.text[i], ...shown.map((m) => format(past(m)[i], spec.digits))]),
      };
    },
  };
}
