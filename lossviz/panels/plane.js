// Points in the plane, each with the step that its gradient asks for.

import { make, setAll, show } from "../explorer/elements.js";
import { arrowPath, isInside, linear, namePlaces } from "../explorer/geometry.js";
import { clamp, format, ticks } from "../explorer/numbers.js";
import { rowReader } from "../explorer/lookup.js";
import { clipBox, drawAxes, drawReadouts, readoutWords, writeReadouts } from "./parts.js";

const HEAD = 16; // px, as long as the head of an arrow

export function planePanel(spec, table, { svg }) {
  const data = planeOf(spec, table);
  let view;
  return {
    covers: "gradient",
    touch: "pan-y",
    height: (width) => planeHeight(data, width),
    layout(width, height) {
      view = layoutPlane(data, svg, width, height);
    },
    draw(state) {
      writeReadouts(view.readouts, data, state);
      const places = placesOf(data, view, state.index);
      drawCircles(data, view, places[0], state);
      drawGhosts(data, view, places, state);
      drawPoints(data, view, places, state);
      show(view.cover, !state.revealed);
    },
    grab: (x, y) => grabPoint(data, view, x, y),
    describe: (state) => [...readoutWords(data, state), ...placeWords(data, state)].join("; "),
    rows: (state) => planeRows(data, state),
  };
}

/** What the explorer holds, by the parts that are drawn of it. */
function planeOf(spec, table) {
  const of = (role) => spec.series.filter((s) => s.role === role);
  return {
    spec,
    row: rowReader(spec, table),
    points: of("points")[0],
    arrows: of("arrows")[0],
    circles: of("circle"),
    readouts: of("readout"),
    size: [spec.range[1] - spec.range[0], spec.yRange[1] - spec.yRange[0]],
    held: spec.drag ? spec.labels.length - 1 : -1, // the last point is the one to drag
  };
}

// --- the layout

function planeHeight({ size: [broad, tall], readouts }, width) {
  return clamp((width - 56) * (tall / broad) + (readouts.length ? 64 : 40), 220, 460);
}

function layoutPlane(data, svg, width, height) {
  const { spec, size } = data;
  svg.replaceChildren();
  const headLine = drawReadouts(svg, data.readouts, width);
  const head = headLine.height + 10;
  // One unit is as long across as up, so that a circle is a circle.
  const unit = Math.min((width - 56) / size[0], (height - head - 30) / size[1]);
  const [broad, tall] = [unit * size[0], unit * size[1]];
  const x0 = 42 + (width - 56 - broad) / 2;
  const box = { x0, x1: x0 + broad, y0: head, y1: head + tall };
  const X = linear(...spec.range, box.x0, box.x1);
  const Y = linear(...spec.yRange, box.y1, box.y0);
  drawAxes(svg, box, X, Y, { xTicks: ticks(...spec.range, broad > 400 ? 8 : 5), yTicks: ticks(...spec.yRange, 6) });
  const inside = make(svg, "g", { "clip-path": clipBox(svg, box) });
  const parts = addPlaneParts(data, inside);
  const corner = { class: "halo", x: box.x1 - 8, y: box.y1 - 10, "text-anchor": "end" };
  const cover = make(svg, "text", corner, "Predict the arrows, then reveal");
  return { readouts: headLine.texts, box, X, Y, unit: X(1) - X(0), cover, ...parts };
}

/** What moves, from what lies below to what lies above. */
function addPlaneParts({ spec, circles, held }, inside) {
  const each = (tag, attributes) =>
    spec.labels.map((label, i) => make(inside, tag, attributes(spec.styles[i], i), tag === "text" ? label : undefined));
  const rings = circles.map((series) => ({
    series,
    ring: make(inside, "circle", { class: "ring" }),
    text: make(inside, "text", { class: "halo" }, series.name),
  }));
  const ghosts = each("circle", (style) => ({ class: `ghost-dot ${style}`, r: 6.5 }));
  const texts = each("text", (style) => ({ class: `name halo ${style}`, "text-anchor": "middle" }));
  const arrows = each("path", (style) => ({ class: `step ${style}` }));
  const points = each("circle", (style, i) => ({ class: `dot ${style}`, r: i === held ? 9 : 6.5 }));
  const hit = held < 0 ? null : make(inside, "circle", { class: "target-hit", r: 24 });
  return { rings, ghosts, texts, arrows, points, hit, widths: texts.map((text) => text.getComputedTextLength()) };
}

// --- the points and what belongs to them

/** Where the points of a setting stand on the drawing. */
function placesOf({ spec, row, points }, { X, Y }, index) {
  const at = row(points, index);
  return spec.labels.map((_, i) => [X(at[2 * i]), Y(at[2 * i + 1])]);
}

/** What is not finite has no place: it is left out, with all that belongs to it. */
const hasPlace = ([x, y]) => isFinite(x) && isFinite(y);

function drawCircles({ row }, { rings, unit }, [x, y], { index }) {
  for (const { series, ring, text } of rings) {
    const r = row(series, index)[0] * unit;
    const shown = hasPlace([x, y]) && isFinite(r) && r > 0;
    show(ring, shown);
    show(text, shown);
    if (!shown) continue;
    setAll(ring, { cx: x, cy: y, r });
    setAll(text, { x: x + r * 0.72 + 6, y: y + r * 0.72 + 14 });
  }
}

/** Where the points were before the last gesture. */
function drawGhosts(data, view, places, state) {
  const before = state.ghost && placesOf(data, view, state.ghost);
  view.ghosts.forEach((ghost, i) => {
    const [x, y] = before ? before[i] : [NaN, NaN];
    const moved = hasPlace([x, y]) && Math.hypot(x - places[i][0], y - places[i][1]) > 1;
    show(ghost, moved);
    if (moved) setAll(ghost, { cx: x, cy: y });
  });
}

function drawPoints({ spec, row, arrows, held }, view, places, state) {
  const push = row(arrows, state.index);
  // A name makes way for its arrow, but only when it is shown: a hidden one is not to be guessed from the name.
  const low = spec.labels.map((_, i) => state.revealed && push[2 * i + 1] > 0);
  const names = namePlaces(places, view.widths, low, view.box);
  places.forEach((place, i) => {
    const shown = hasPlace(place);
    for (const part of [view.points[i], view.texts[i], view.arrows[i]]) show(part, shown);
    if (i === held) show(view.hit, shown);
    if (!shown) return;
    const centre = { cx: place[0], cy: place[1] };
    setAll(view.points[i], centre);
    if (i === held) setAll(view.hit, centre);
    setAll(view.texts[i], { x: names[i][0], y: names[i][1] });
    const d = state.revealed ? stepPath(spec, view, place, push[2 * i], push[2 * i + 1]) : "";
    setAll(view.arrows[i], { d });
  });
}

/** The arrow of a step; none below a pixel, which is the rounding of forces that cancel. */
function stepPath(spec, { unit }, [x, y], dx, dy) {
  const length = Math.hypot(dx, dy) * unit * spec.stretch;
  // Short of its own head it would not read as an arrow.
  return length >= 1 ? arrowPath(x, y, dx, -dy, Math.max(length, HEAD)) : "";
}

// --- dragging, and the numbers behind the drawing

function grabPoint({ spec, held }, { box, X, Y }, x, y) {
  if (held < 0 || !isInside(box, x, y)) return null;
  return (px, py) => [
    [spec.drag[0], X.invert(px)],
    [spec.drag[1], Y.invert(py)],
  ];
}

const pairText = (spec, values, i) => [values[2 * i], values[2 * i + 1]].map((v) => format(v, spec.digits));

function placeWords({ spec, row, points }, { index }) {
  const at = row(points, index);
  return spec.labels.flatMap((label, i) => {
    return hasPlace([at[2 * i], at[2 * i + 1]]) ? [`${label} at ${pairText(spec, at, i).join(", ")}`] : [];
  });
}

function planeRows({ spec, row, points, arrows }, { index, revealed }) {
  const [at, push] = [row(points, index), row(arrows, index)];
  return {
    head: ["point", "x", "y", ...(revealed ? ["step in x", "step in y"] : [])],
    body: spec.labels.map((label, i) => {
      return [label, ...pairText(spec, at, i), ...(revealed ? pairText(spec, push, i) : [])];
    }),
  };
}
