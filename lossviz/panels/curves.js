// A curve, its gradient below, and a probe to drag along it.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { linePath, linear, spread } from "../explorer/geometry.js";
import { beyond, clamp, format, sample, ticks } from "../explorer/numbers.js";
import { isProbe } from "../explorer/positions.js";
import { rowReader } from "../explorer/lookup.js";
import { clipBox, drawAxes, drawCover } from "./parts.js";

export function curvesPanel(spec, table, { svg }) {
  const data = curvesOf(spec, table);
  let view;
  return {
    covers: "gradient",
    touch: "pan-y",
    height: (width) => clamp(width * 0.575, 330, 430),
    layout(width, height) {
      view = layoutCurves(data, svg, width, height);
    },
    draw(state) {
      drawCurves(data, view, state);
      drawSetting(data, view, state);
      drawProbe(data, view, state);
    },
    grab: (x, y, state) => grabCurves(data, view, x, y, state),
    describe(state) {
      const [value, slope] = atProbe(data, state);
      const slopeText = state.revealed ? `, gradient ${format(slope, spec.digits)}` : "";
      return `${spec.lossLabel} ${format(value, spec.digits)}${slopeText}`;
    },
    rows: (state) => curveRows(data, state),
  };
}

/** What the explorer holds, by the parts that are drawn of it. */
function curvesOf(spec, table) {
  const of = (role) => spec.series.filter((s) => s.role === role);
  const [loss] = of("loss");
  const slopes = of("overlay grad");
  return {
    spec,
    row: rowReader(spec, table),
    xs: spec.controls.find((c) => c.name === "probe").values,
    loss,
    grad: of("grad")[0],
    overlays: of("overlay").map((s, i) => ({
      name: s.name,
      style: `other${(i % 4) + 1}`,
      loss: s,
      grad: slopes.find((g) => g.name === s.name),
    })),
    marks: of("mark"),
    points: of("points")[0],
    moving: spec.controls.map((c) => c.name).filter((name) => !isProbe(name)), // what marks and points follow
  };
}

function atProbe({ row, loss, grad }, { index }) {
  return [row(loss, index)[index.probe], row(grad, index)[index.probe]];
}

// --- the layout

function layoutCurves(data, svg, width, height) {
  svg.replaceChildren();
  const labels = make(svg, "g");
  const named = [{ name: data.loss.name, style: "name loss" }, ...data.overlays].map(({ name, style }) => {
    const text = make(labels, "text", { class: `halo ${style}` }, name);
    return { text, width: fit(text, 0.2 * width) };
  });
  const view = scaleCurves(data, width, height, Math.max(...named.map((label) => label.width)));
  drawFrame(data, svg, view);
  const clips = { loss: clipBox(svg, view.top), grad: clipBox(svg, view.low) };
  view.marks = data.marks.map((series) => ({
    series,
    line: make(svg, "line", { class: "mark" }),
    text: make(svg, "text", { class: "halo" }, series.name),
  }));
  addCurves(data, svg, view, clips, named);
  addProbe(svg, view, clips);
  view.cover = drawCover(svg, view.low);
  view.points = addPoints(data, svg);
  svg.append(labels, ...view.marks.map((m) => m.text)); // above the curves and the cover
  return view;
}

/** The two boxes and their scales; on a wide page the names of the curves, `room` wide, stand beside them. */
function scaleCurves({ spec, xs }, width, height, room) {
  const wide = width >= 560;
  const [x0, x1] = wide ? [58, width - room - 14] : [46, width - 14];
  const split = 24 + Math.round((height - 24 - 34 - 44) * 0.6);
  const top = { x0, x1, y0: 24, y1: split };
  const low = { x0, x1, y0: split + 34, y1: height - 44 };
  const X = linear(xs[0], xs[xs.length - 1], x0, x1);
  const px = xs.map((x) => Math.round(X(x) * 10) / 10);
  return {
    wide,
    height,
    range: spec.range,
    top,
    low,
    X,
    Y: linear(...spec.range, top.y1, top.y0),
    G: linear(...spec.gradRange, low.y1, low.y0),
    px,
    pxText: px.map(String),
    written: new Map(), // by path: where in the table the row begins that it shows
  };
}

function drawFrame({ spec, xs }, svg, { wide, height, top, low, X, Y, G }) {
  const frame = make(svg, "g");
  const xTicks = ticks(xs[0], xs[xs.length - 1], wide ? 8 : 5);
  drawAxes(frame, top, X, Y, { xTicks, xText: false, yTicks: ticks(...spec.range, 5) });
  drawAxes(frame, low, X, G, { xTicks, yTicks: ticks(...spec.gradRange, 4) });
  make(frame, "text", { x: top.x0, y: 14, class: "name loss" }, spec.lossLabel);
  make(frame, "text", { x: low.x0, y: low.y0 - 9, class: "name grad" }, spec.gradLabel);
  make(frame, "text", { x: (top.x0 + top.x1) / 2, y: height - 8, "text-anchor": "middle" }, spec.xLabel);
}

/** The paths of all curves, each with its name and, where it is wanted, the diamond at its lowest point. */
function addCurves({ spec, overlays, loss, grad }, svg, view, clips, [firstLabel, ...labels]) {
  const over = make(svg, "g", { "clip-path": clips.loss, fill: "none" });
  const under = make(svg, "g", { "clip-path": clips.grad, fill: "none" });
  const pair = (above, below) => ({
    lossPath: make(over, "path", { class: `curve ${above}` }),
    gradPath: make(under, "path", { class: `curve ${below}` }),
  });
  const minimum = (style) => spec.minimum && make(svg, "path", { class: `minimum ${style}` });
  view.overlays = overlays.map((o, k) => {
    return { ...o, ...pair(o.style, o.style), label: labels[k], minimum: minimum(o.style) };
  });
  view.ghost = pair("loss ghost", "grad ghost");
  view.first = { loss, grad, ...pair("loss", "grad"), label: firstLabel, minimum: minimum("loss") };
  view.slopes = under;
}

function addProbe(svg, view, clips) {
  view.probe = make(svg, "line", { class: "probe", y1: view.top.y0, y2: view.low.y1 });
  view.tangent = make(make(svg, "g", { "clip-path": clips.loss }), "line", { class: "tangent" });
  view.lossDot = make(svg, "circle", { class: "dot loss", r: 7 });
  view.gradDot = make(svg, "circle", { class: "dot grad", r: 5.5 });
  view.lossText = make(svg, "text", { class: "value halo" });
  view.gradText = make(svg, "text", { class: "value halo" });
}

function addPoints({ spec, points }, svg) {
  return Array.from({ length: points?.size ?? 0 }, (_, i) => {
    const isHandle = i === spec.dragPoint;
    return make(svg, "circle", { class: isHandle ? "point handle" : "point", r: isHandle ? 8 : 5 });
  });
}

// --- the curves and their names

/** Draws all curves that are shown, and their names where those have to move. */
function drawCurves({ row }, view, state) {
  const { first, ghost, overlays } = view;
  const values = row(first.loss, state.index);
  let moved = writeCurve(view, first, values, row(first.grad, state.index));

  const before = state.ghost && row(first.loss, state.ghost);
  const ghostShows = Boolean(before) && before.byteOffset !== values.byteOffset;
  show(ghost.lossPath, ghostShows);
  show(ghost.gradPath, ghostShows);
  if (ghostShows) writeCurve(view, ghost, before, row(first.grad, state.ghost));

  const named = [{ label: first.label, values }];
  for (const o of overlays) {
    const shown = !state.hidden.has(o.name);
    show(o.lossPath, shown);
    show(o.gradPath, shown);
    if (o.minimum) show(o.minimum, shown);
    if (!shown) {
      show(o.label.text, false); // placeLabels brings it back
      continue;
    }
    const others = row(o.loss, state.index);
    if (writeCurve(view, o, others, row(o.grad, state.index))) moved = true;
    named.push({ label: o.label, values: others });
  }
  if (moved || view.named !== named.length) placeLabels(view, named);
  view.named = named.length;
}

/** Writes a curve, its gradient and its minimum; whether the curve changed. */
function writeCurve(view, curve, values, slopes) {
  const moved = writePath(view, curve.lossPath, values, view.Y, view.top);
  writePath(view, curve.gradPath, slopes, view.G, view.low);
  if (moved && curve.minimum) placeMinimum(view, curve.minimum, values);
  return moved;
}

/** A path is written only when its row changed: moving the probe leaves all of them alone. */
function writePath({ written, pxText }, path, values, scale, box) {
  if (written.get(path) === values.byteOffset) return false;
  written.set(path, values.byteOffset);
  path.setAttribute("d", linePath(pxText, values, scale, box.y0, box.y1));
  return true;
}

function placeMinimum({ Y, px, top }, part, values) {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (isFinite(values[i]) && (best < 0 || values[i] < values[best])) best = i;
  }
  const y = best < 0 ? NaN : Y(values[best]);
  part.setAttribute("d", y >= top.y0 && y <= top.y1 ? `M${px[best]} ${y - 8}l8 8l-8 8l-8 -8z` : "");
}

/** Names at the end of their curves: right of the panel, or beside the last point where a curve leaves it. */
function placeLabels({ wide, top, px, Y, range: [lo, hi] }, named) {
  const right = [];
  const inside = [];
  for (const { label, values } of named) {
    let last = values.length - 1;
    while (last >= 0 && !(values[last] >= lo && values[last] <= hi)) last--;
    show(label.text, last >= 0 && wide);
    if (last < 0) continue;
    const y = Y(values[last]) + 4;
    if (last === values.length - 1) right.push({ ...label, y });
    else inside.push({ ...label, x: Math.max(px[last] - 16, top.x0 + label.width), y });
  }
  const placed = spread(
    right.map((r) => r.y),
    15,
    top.y0 + 10,
    top.y1,
  );
  right.forEach((r, i) => setAll(r.text, { x: top.x1 + 8, y: placed[i], "text-anchor": "start" }));
  inside.sort((a, b) => a.x - b.x);
  let shelf = 0;
  inside.forEach((a, i) => {
    shelf = i > 0 && a.x - a.width < inside[i - 1].x + 8 ? shelf + 1 : 0;
    setAll(a.text, { x: a.x, y: clamp(a.y, top.y0 + 12, top.y1 - 60) + 15 * shelf, "text-anchor": "end" });
  });
}

// --- marks and points

/** Moves the marks and the points, unless only the probe moved. */
function drawSetting({ row, moving, points }, view, { index }) {
  const setting = moving.map((name) => index[name]).join(" ");
  if (view.setting === setting) return;
  view.setting = setting;
  placeMarks(
    view,
    view.marks.map((m) => ({ ...m, x: view.X(row(m.series, index)[0]) })),
  );
  if (!points) return;
  const xs = row(points, index);
  view.points.forEach((point, k) => setAll(point, { cx: view.X(xs[k]), cy: view.top.y1 }));
}

/** Marks that are near each other write their names on lines of their own. */
function placeMarks({ top, low }, marks) {
  marks.sort((a, b) => a.x - b.x);
  let shelf = 0;
  marks.forEach(({ line, text, x }, k) => {
    const inside = x >= top.x0 - 1 && x <= top.x1 + 1;
    show(line, inside);
    show(text, inside);
    shelf = k > 0 && x - marks[k - 1].x < 44 ? shelf + 1 : 0;
    setAll(line, { x1: x, x2: x, y1: top.y0, y2: low.y1 });
    const end = x > top.x1 - 44;
    setAll(text, { x: x + (end ? -6 : 6), y: low.y1 - 6 - 14 * (shelf % 3), "text-anchor": end ? "end" : "start" });
  });
}

// --- the probe

function drawProbe(data, view, state) {
  const { top, low, Y, G } = view;
  const [value, slope] = atProbe(data, state);
  const x = view.px[state.index.probe];
  const y = clamp(isFinite(value) ? Y(value) : value < 0 ? top.y1 : top.y0, top.y0, top.y1);
  const g = clamp(isFinite(slope) ? G(slope) : slope < 0 ? low.y1 : low.y0, low.y0, low.y1);
  setAll(view.probe, { x1: x, x2: x, y2: state.revealed ? low.y1 : top.y1 });
  setAll(view.lossDot, { cx: x, cy: y });
  setAll(view.gradDot, { cx: x, cy: g });
  show(view.lossDot, isFinite(value));
  show(view.gradDot, state.revealed && isFinite(slope));
  show(view.slopes, state.revealed);
  show(view.cover, !state.revealed);
  const [lo, hi] = data.spec.range;
  drawTangent(view, state.revealed && value >= lo && value <= hi && isFinite(slope), x, y, slope);
  writeValues(data.spec, view, { x, y, g, value, slope });
  show(view.gradText, state.revealed);
}

function drawTangent({ tangent, X, Y }, shown, x, y, slope) {
  show(tangent, shown);
  if (!shown) return;
  const dx = X(1) - X(0);
  const dy = (Y(1) - Y(0)) * slope;
  const reach = 64 / Math.hypot(dx, dy);
  setAll(tangent, { x1: x - reach * dx, y1: y - reach * dy, x2: x + reach * dx, y2: y + reach * dy });
}

/** The two numbers at the probe, beside their dots and off the curves. */
function writeValues(spec, { top, low, marks, lossText, gradText }, { x, y, g, value, slope }) {
  const left = x > (top.x0 + top.x1) / 2;
  const across = x + (left ? -13 : 13);
  const anchor = left ? "end" : "start";
  // Above the dot where the curve falls towards the text, below where it rises away from it.
  const over = left ? slope > 0 : slope < 0;
  const lossY = clamp(over || y > top.y1 - 26 ? y - 12 : y + 24, top.y0 + 12, top.y1 - 8);
  setAll(lossText, { x: across, "text-anchor": anchor, y: over && y < top.y0 + 26 ? y + 24 : lossY });
  setText(lossText, format(value, spec.digits) + beyond(value, spec.range));
  // The lowest line belongs to the names of the marks.
  const lowest = marks.length ? low.y1 - 24 : Infinity;
  setAll(gradText, { x: across, "text-anchor": anchor, y: g < low.y0 + 26 ? g + 20 : Math.min(g - 11, lowest) });
  setText(gradText, format(slope, spec.digits) + beyond(slope, spec.gradRange));
}

// --- dragging, and the numbers behind the drawing

function grabCurves({ spec, row, points }, { X, top }, x, y, { index }) {
  if (points && spec.dragPoint !== null) {
    const at = X(row(points, index)[spec.dragPoint]);
    if (Math.hypot(x - at, y - top.y1) < 26) return (px) => [[spec.drag, X.invert(px)]];
  }
  return (px) => [["probe", X.invert(px)]];
}

function curveRows({ spec, row, xs, loss, grad, overlays }, state) {
  const columns = [
    { name: loss.name, series: loss },
    ...(state.revealed ? [{ name: "gradient", series: grad }] : []),
    ...overlays.filter((o) => !state.hidden.has(o.name)).map((o) => ({ name: o.name, series: o.loss })),
  ];
  const values = columns.map((c) => row(c.series, state.index));
  return {
    head: [spec.xLabel, ...columns.map((c) => c.name)],
    body: sample(xs.length, 13).map((i) => [xs[i], ...values.map((v) => v[i])].map((v) => format(v, spec.digits))),
  };
}
