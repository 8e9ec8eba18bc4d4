// The explorer draws what Python computed. It knows no formula: every number on the screen is read from the
// table that came with the widget, so the picture is what the reader's own functions returned.
//
// 1 numbers   pure functions: ticks, formats, paths, placing labels
// 2 table     pure functions: unpacking the table, finding a row, reading and writing the URL fragment
// 3 elements  two helpers that create elements; text is always set as text
// 4 panels    curves, bars, heat map, plane, training: layout(width, height), draw(state), pointer, describe, rows
// 5 shell     buttons, controls, keyboard, state, sync with the model; `render` is the entry of anywidget
// 6 page      the same `render` on a page without a kernel

// ---------------------------------------------------------------------------------------------- 1 numbers

/** A scale from the domain d0…d1 to the range r0…r1; `invert` goes back. */
export function linear(d0, d1, r0, r1) {
  const scale = (value) => r0 + ((value - d0) / (d1 - d0)) * (r1 - r0);
  scale.invert = (place) => d0 + ((place - r0) / (r1 - r0)) * (d1 - d0);
  return scale;
}

export const clamp = (value, lo, hi) => Math.min(hi, Math.max(lo, value));

/** Round numbers between lo and hi, about `count` of them. */
export function ticks(lo, hi, count) {
  const raw = (hi - lo) / Math.max(1, count);
  if (!(raw > 0) || !isFinite(raw)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((m) => m * power >= raw * 0.999) * power;
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => +((first + i) * step).toPrecision(12));
}

/**
 * A number as it is read aloud: fixed digits, a real minus sign, no "-0.00", and nan and inf by name. Below 0, `digits`
 * are those of a power of ten: 1.23e-8.
 */
export function format(value, digits) {
  if (Number.isNaN(value)) return "nan";
  if (!isFinite(value)) return value > 0 ? "inf" : "−inf";
  const size = Math.abs(value);
  const text = size >= 1e5 || (digits < 0 && size) ? size.toExponential(2) : size.toFixed(Math.max(digits, 0));
  return value < 0 && Number(text) !== 0 ? "−" + text : text;
}

/** A tick of an axis, as short as it is exact. */
export function tickText(value) {
  const size = Math.abs(value);
  const text = size >= 1e5 || (size > 0 && size < 1e-3) ? size.toExponential().replace("e+", "e") : String(size);
  return (value < 0 ? "−" : "") + text.replace("e-", "e−");
}

/** An arrow beside a number that stands outside its axis. */
const beyond = (value, [lo, hi]) => (!isFinite(value) || (value >= lo && value <= hi) ? "" : value > hi ? " ↑" : " ↓");

/** The index of the entry of a sorted array that is nearest to value. */
export function nearest(values, value) {
  let lo = 0;
  let hi = values.length - 1;
  while (hi - lo > 1) {
    const middle = (lo + hi) >> 1;
    if (values[middle] <= value) lo = middle;
    else hi = middle;
  }
  return Math.abs(values[lo] - value) <= Math.abs(values[hi] - value) ? lo : hi;
}

// Writing out fractions is most of the work of a path: the tenths of a pixel of any panel are written once.
const TENTHS = Array.from({ length: 8192 }, (_, i) => String(i / 10));

/** An SVG path through (xs[i], Y(ys[i])); xs as text; a value that is not finite leaves a gap. */
export function linePath(xs, ys, Y, top, bottom) {
  let path = "";
  let pen = "M";
  for (let i = 0; i < xs.length; i++) {
    const value = ys[i];
    if (value - value !== 0) {
      pen = "M";
      continue;
    }
    // Far outside the panel the exact place does not matter, but coordinates of 1e30 break renderers.
    const tenths = Math.round(10 * clamp(Y(value), top - 4000, bottom + 4000));
    path += pen + xs[i] + " " + (TENTHS[tenths] ?? tenths / 10);
    pen = "L";
  }
  return path;
}

/** Moves sorted-or-not positions apart until neighbours are `gap` away, keeping their order and the bounds. */
export function spread(positions, gap, lo, hi) {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a] - positions[b]);
  const placed = positions.slice();
  let edge = lo;
  for (const i of order) edge = (placed[i] = Math.max(placed[i], edge)) + gap;
  edge = hi;
  for (const i of order.reverse()) edge = (placed[i] = Math.min(placed[i], edge)) - gap;
  return placed;
}

/** The relative luminance (WCAG) of [red, green, blue] in 0…255. */
export function luminance(color) {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** An SVG path of an arrow from (x, y) in the direction (dx, dy), `length` long; none if there is no direction. */
export function arrowPath(x, y, dx, dy, length) {
  const size = Math.hypot(dx, dy);
  if (!(size > 0) || !isFinite(size)) return "";
  const [ux, uy] = [dx / size, dy / size];
  const [ex, ey] = [x + ux * length, y + uy * length];
  const wing = (side) => `${ex - 9 * ux + side * 5 * uy} ${ey - 9 * uy - side * 5 * ux}`;
  return `M${x} ${y}L${ex} ${ey}M${wing(-1)}L${ex} ${ey}L${wing(1)}`;
}

/**
 * Where the names of points stand: centred above their points, or below where `low` says so, but on the other side
 * rather than outside the box or on another point or name.
 */
export function namePlaces(points, widths, low, box) {
  const taken = points.map(([x, y]) => ({ x0: x - 9, x1: x + 9, y0: y - 9, y1: y + 9 }));
  return points.map(([x, y], i) => {
    const half = widths[i] / 2;
    const middle = clamp(x, box.x0 + half, box.x1 - half);
    const area = (line) => ({ x0: middle - half, x1: middle + half, y0: line - 11, y1: line + 3 });
    const meet = (a, b) => a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1;
    const isFree = (a) => a.y0 >= box.y0 && a.y1 <= box.y1 && !taken.some((b, j) => j !== i && meet(a, b));
    const lines = low[i] ? [y + 24, y - 14] : [y - 14, y + 24];
    const line = lines.find((one) => isFree(area(one))) ?? lines[0];
    taken.push(area(line));
    return [middle, line];
  });
}

/** A grid of rows x columns values, enlarged to height x width by linear interpolation along both sides. */
export function enlarge(grid, columns, rows, width, height) {
  const places = Array.from({ length: width }, (_, k) => (k / (width - 1)) * (columns - 1));
  const cells = Int32Array.from(places, (u) => Math.min(columns - 2, u));
  const parts = Float64Array.from(places, (u, k) => u - cells[k]);
  const line = new Float64Array(columns);
  const out = new Float32Array(width * height);
  for (let j = 0, at = 0; j < height; j++) {
    const v = (j / (height - 1)) * (rows - 1);
    const near = Math.min(rows - 2, Math.floor(v)) * columns;
    const t = v - near / columns;
    for (let i = 0; i < columns; i++) line[i] = grid[near + i] * (1 - t) + grid[near + columns + i] * t;
    for (let k = 0; k < width; k++) out[at++] = line[cells[k]] * (1 - parts[k]) + line[cells[k] + 1] * parts[k];
  }
  return out;
}

// ---------------------------------------------------------------------------------------------- 2 table

/** Undoes `pack` of table.py: inflate, put the bytes of each number together again, add the differences up. */
const DROPPED_BITS = 4; // as in table.py

export async function unpack(base64, blocks) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = bytes.length / 4;
  const out = new Int32Array(count);
  for (const { offset, positions, size } of blocks) {
    const across = size >= 16; // long rows were packed along the row, short ones along the positions
    const total = positions * size;
    let slope = 0;
    let value = 0;
    for (let k = 0; k < total; k++) {
      const i = offset + k;
      const z = bytes[i] | (bytes[count + i] << 8) | (bytes[2 * count + i] << 16) | (bytes[3 * count + i] << 24);
      slope = (slope + ((z >>> 1) ^ -(z & 1))) | 0;
      value = (value + slope) | 0;
      const place = across ? k : (k % positions) * size + Math.floor(k / positions);
      out[offset + place] = value << DROPPED_BITS;
    }
  }
  return new Float32Array(out.buffer);
}

/** The numbers of one series at the present setting. `index` maps a control's name to its position. */
export function rowOf(spec, table, series, index) {
  let position = 0;
  for (const name of series.axes) position = position * spec.lengths[name] + index[name];
  const start = series.offset + position * series.size;
  return table.subarray(start, start + series.size);
}

/** Names for links: explorers of one id on one page are told apart by their order. */
export function linkNames(ids) {
  const seen = {};
  return ids.map((id) => ((seen[id] = (seen[id] ?? 0) + 1) > 1 ? `${id}-${seen[id]}` : id));
}

/** `#explorer=smooth-l1&beta=0.5` -> {beta: ["0.5"]} when the id fits, else null. */
export function readFragment(hash, id) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  if (fields.get("explorer") !== id) return null;
  fields.delete("explorer");
  return Object.fromEntries([...fields.keys()].map((name) => [name, fields.getAll(name)]));
}

/** The way back: a list of values is written as one field each. */
export function writeFragment(id, fields) {
  const pairs = Object.entries(fields).flatMap(([name, values]) => values.map((value) => [name, value]));
  return "#" + new URLSearchParams([["explorer", id], ...pairs]);
}

// ---------------------------------------------------------------------------------------------- 3 elements

const SVG = "http://www.w3.org/2000/svg";

// Writing what already stands there would cost as much as a change; so each element knows what it was given.

/** Sets attributes; those of one element are either all set here or never. */
function setAll(element, attributes) {
  const known = (element.lossvizKnown ??= {});
  for (const name in attributes) {
    const value = attributes[name];
    if (known[name] === value) continue;
    known[name] = value;
    element.setAttribute(name, value);
  }
  return element;
}

function setText(element, text) {
  if (element.lossvizText === text) return;
  element.lossvizText = text;
  element.textContent = text;
}

function show(element, shown) {
  if (element.lossvizShown === shown) return;
  element.lossvizShown = shown;
  element.style.display = shown ? "" : "none";
}

function make(parent, tag, attributes = {}, text) {
  const element = setAll(document.createElementNS(SVG, tag), attributes);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function html(parent, tag, attributes = {}, text) {
  const element = setAll(document.createElement(tag), attributes);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** An id that no other explorer has. A counter would not do: JupyterLab loads this module anew for every widget. */
const newId = (what) => `lossviz-${what}-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

function clipBox(parent, box) {
  const id = newId("clip");
  make(make(parent, "clipPath", { id }), "rect", { x: box.x0, y: box.y0 - 4, width: box.x1 - box.x0, height: box.y1 - box.y0 + 8 });
  return `url(#${id})`;
}

function drawAxes(parent, box, X, Y, { xTicks = [], yTicks = [], xText = true }) {
  for (const value of yTicks) {
    make(parent, "line", { class: value === 0 ? "zero" : "grid", x1: box.x0, x2: box.x1, y1: Y(value), y2: Y(value) });
    make(parent, "text", { x: box.x0 - 8, y: Y(value) + 4, "text-anchor": "end" }, tickText(value));
  }
  for (const value of xTicks) {
    make(parent, "line", { class: "grid", x1: X(value), x2: X(value), y1: box.y0, y2: box.y1 });
    if (xText) make(parent, "text", { x: X(value), y: box.y1 + 18, "text-anchor": "middle" }, tickText(value));
  }
}

/** Shortens a text until it is at most `room` wide; returns its width. */
function fit(text, room) {
  let width = text.getComputedTextLength();
  for (let name = text.textContent; width > room && name.length > 1; width = text.getComputedTextLength()) {
    name = name.slice(0, -1);
    text.textContent = `${name.trimEnd()}…`;
  }
  return width;
}

const isProbe = (name) => ["probe", "probe_x", "probe_y"].includes(name);

/** The single numbers above a panel, in as many lines as their names need; what changes in them, and their height. */
function drawReadouts(svg, readouts, width) {
  const wanted = Math.max(...readouts.map((s) => 9 * (s.name.length + 9)), 1);
  const columns = clamp(Math.floor(width / wanted), 1, Math.max(1, readouts.length));
  const texts = readouts.map((s, i) => {
    const place = { x: 2 + (i % columns) * (width / columns), y: 20 + 22 * Math.floor(i / columns) };
    const text = make(svg, "text", { ...place, class: "readout" });
    make(text, "tspan", { class: "name" }, `${s.name} `);
    return make(text, "tspan", { class: "value" });
  });
  return { texts, height: readouts.length ? 4 + 22 * Math.ceil(readouts.length / columns) : 0 };
}

// ---------------------------------------------------------------------------------------------- 4 panels
// A panel gets the spec, the table and `stage` (its elements). `state` is {index, revealed, hidden, ghost}.

function curvesPanel(spec, table, stage) {
  const { svg } = stage;
  const xs = spec.controls.find((c) => c.name === "probe").values;
  const of = (role) => spec.series.filter((s) => s.role === role);
  const [loss] = of("loss");
  const [grad] = of("grad");
  const overlays = of("overlay").map((s, i) => ({
    name: s.name,
    style: `other${(i % 4) + 1}`,
    loss: s,
    grad: of("overlay grad").find((g) => g.name === s.name),
  }));
  const [points] = of("points");
  let px, pxText, X, Y, G, top, low, size, parts;

  function layout(width, height) {
    svg.replaceChildren();
    size = { width, height };
    const wide = width >= 560;
    const x0 = wide ? 58 : 46;
    const labels = make(svg, "g");
    const label = (name, className) => ({ text: make(labels, "text", { class: `halo ${className}` }, name) });
    const lossLabel = label(loss.name, "name loss");
    const overlayLabels = overlays.map((o) => label(o.name, o.style));
    for (const one of [lossLabel, ...overlayLabels]) one.width = fit(one.text, 0.2 * width);
    const longest = Math.max(lossLabel.width, ...overlayLabels.map((one) => one.width));
    const x1 = width - (wide ? longest + 14 : 14);
    const usable = height - 24 - 34 - 44;
    const split = 24 + Math.round(usable * 0.6);
    top = { x0, x1, y0: 24, y1: split };
    low = { x0, x1, y0: split + 34, y1: height - 44 };
    X = linear(xs[0], xs[xs.length - 1], x0, x1);
    Y = linear(...spec.range, top.y1, top.y0);
    G = linear(...spec.gradRange, low.y1, low.y0);
    px = xs.map((x) => Math.round(X(x) * 10) / 10);
    pxText = px.map(String);

    const still = make(svg, "g");
    const xTicks = ticks(xs[0], xs[xs.length - 1], wide ? 8 : 5);
    drawAxes(still, top, X, Y, { xTicks, xText: false, yTicks: ticks(...spec.range, 5) });
    drawAxes(still, low, X, G, { xTicks, yTicks: ticks(...spec.gradRange, 4) });
    make(still, "text", { x: x0, y: 14, class: "name loss" }, spec.lossLabel);
    make(still, "text", { x: x0, y: low.y0 - 9, class: "name grad" }, spec.gradLabel);
    make(still, "text", { x: (x0 + x1) / 2, y: height - 8, "text-anchor": "middle" }, spec.xLabel);

    const lossClip = clipBox(svg, top);
    const gradClip = clipBox(svg, low);
    const marks = of("mark").map((s) => ({
      series: s,
      line: make(svg, "line", { class: "mark" }),
      text: make(svg, "text", { class: "halo" }, s.name),
    }));
    const lossGroup = make(svg, "g", { "clip-path": lossClip, fill: "none" });
    const gradGroup = make(svg, "g", { "clip-path": gradClip, fill: "none" });
    parts = {
      marks,
      overlays: overlays.map((o, k) => ({
        ...o,
        lossPath: make(lossGroup, "path", { class: `curve ${o.style}` }),
        gradPath: make(gradGroup, "path", { class: `curve ${o.style}` }),
        label: overlayLabels[k],
        minimum: spec.minimum && make(svg, "path", { class: `minimum ${o.style}` }),
      })),
      ghost: make(lossGroup, "path", { class: "curve loss ghost" }),
      gradGhost: make(gradGroup, "path", { class: "curve grad ghost" }),
      lossPath: make(lossGroup, "path", { class: "curve loss" }),
      gradPath: make(gradGroup, "path", { class: "curve grad" }),
      label: lossLabel,
      minimum: spec.minimum && make(svg, "path", { class: "minimum loss" }),
      probe: make(svg, "line", { class: "probe", y1: top.y0, y2: low.y1 }),
      tangent: make(make(svg, "g", { "clip-path": lossClip }), "line", { class: "tangent" }),
      lossDot: make(svg, "circle", { class: "dot loss", r: 7 }),
      gradDot: make(svg, "circle", { class: "dot grad", r: 5.5 }),
      lossText: make(svg, "text", { class: "value halo" }),
      gradText: make(svg, "text", { class: "value halo" }),
      cover: make(svg, "g", { class: "cover" }),
      points: points ? Array.from({ length: points.size }, (_, i) => make(svg, "circle", { class: i === spec.dragPoint ? "point handle" : "point", r: i === spec.dragPoint ? 8 : 5 })) : [],
    };
    make(parts.cover, "rect", { x: low.x0, y: low.y0, width: x1 - x0, height: low.y1 - low.y0, rx: 6 });
    make(parts.cover, "text", { x: (x0 + x1) / 2, y: (low.y0 + low.y1) / 2 + 4, "text-anchor": "middle" }, "Predict, then reveal");
    svg.append(labels, ...parts.marks.map((m) => m.text)); // above the curves and the cover
    parts.drawn = new Map();
  }

  /** Names at the end of their curves: right of the panel, or beside the last point where a curve leaves it. */
  function placeLabels(items) {
    const right = [];
    const inside = [];
    for (const { label, row } of items) {
      let last = row.length - 1;
      while (last >= 0 && !(row[last] >= spec.range[0] && row[last] <= spec.range[1])) last--;
      show(label.text, last >= 0 && size.width >= 560);
      if (last === row.length - 1) right.push({ ...label, y: Y(row[last]) + 4 });
      else if (last >= 0) inside.push({ ...label, x: Math.max(px[last] - 16, top.x0 + label.width), y: Y(row[last]) + 4 });
    }
    const placed = spread(right.map((r) => r.y), 15, top.y0 + 10, top.y1);
    right.forEach((r, i) => setAll(r.text, { x: top.x1 + 8, y: placed[i], "text-anchor": "start" }));
    inside.sort((a, b) => a.x - b.x);
    let shelf = 0;
    inside.forEach((a, i) => {
      shelf = i > 0 && a.x - a.width < inside[i - 1].x + 8 ? shelf + 1 : 0;
      setAll(a.text, { x: a.x, y: clamp(a.y, top.y0 + 12, top.y1 - 60) + 15 * shelf, "text-anchor": "end" });
    });
  }

  function placeMinimum(part, row) {
    let best = -1;
    for (let i = 0; i < row.length; i++) if (isFinite(row[i]) && (best < 0 || row[i] < row[best])) best = i;
    const y = best < 0 ? NaN : Y(row[best]);
    part.setAttribute("d", y >= top.y0 && y <= top.y1 ? `M${px[best]} ${y - 8}l8 8l-8 8l-8 -8z` : "");
  }

  function draw(state) {
    const row = rowOf(spec, table, loss, state.index);
    const slopes = rowOf(spec, table, grad, state.index);
    const i = state.index.probe;
    // A curve is written only when its row changed: moving the probe leaves all of them alone.
    const once = (part, values, scale, box) => {
      if (parts.drawn.get(part) === values.byteOffset) return false;
      parts.drawn.set(part, values.byteOffset);
      part.setAttribute("d", linePath(pxText, values, scale, box.y0, box.y1));
      return true;
    };
    let moved = once(parts.lossPath, row, Y, top);
    once(parts.gradPath, slopes, G, low);
    if (moved && parts.minimum) placeMinimum(parts.minimum, row);

    const ghostRow = state.ghost && rowOf(spec, table, loss, state.ghost);
    const ghostShows = ghostRow && ghostRow.byteOffset !== row.byteOffset;
    for (const part of [parts.ghost, parts.gradGhost]) show(part, Boolean(ghostShows));
    if (ghostShows) {
      once(parts.ghost, ghostRow, Y, top);
      once(parts.gradGhost, rowOf(spec, table, grad, state.ghost), G, low);
    }

    const labelled = [{ label: parts.label, row }];
    for (const o of parts.overlays) {
      const hidden = state.hidden.has(o.name);
      for (const part of [o.lossPath, o.gradPath, o.minimum]) if (part) show(part, !hidden);
      if (hidden) {
        show(o.label.text, false); // placeLabels brings it back
        continue;
      }
      const values = rowOf(spec, table, o.loss, state.index);
      if (once(o.lossPath, values, Y, top)) {
        moved = true;
        if (o.minimum) placeMinimum(o.minimum, values);
      }
      once(o.gradPath, rowOf(spec, table, o.grad, state.index), G, low);
      labelled.push({ label: o.label, row: values });
    }
    if (moved || parts.labelled !== labelled.length) placeLabels(labelled);
    parts.labelled = labelled.length;

    const setting = spec.controls.map((c) => (isProbe(c.name) ? "" : state.index[c.name])).join(" ");
    if (parts.setting !== setting) {
      parts.setting = setting;
      const shown = parts.marks.map((m) => ({ ...m, x: X(rowOf(spec, table, m.series, state.index)[0]) })).sort((a, b) => a.x - b.x);
      let shelf = 0;
      shown.forEach((m, k) => {
        const inside = m.x >= top.x0 - 1 && m.x <= top.x1 + 1;
        for (const part of [m.line, m.text]) show(part, inside);
        shelf = k > 0 && m.x - shown[k - 1].x < 44 ? shelf + 1 : 0;
        setAll(m.line, { x1: m.x, x2: m.x, y1: top.y0, y2: low.y1 });
        const end = m.x > top.x1 - 44;
        setAll(m.text, { x: m.x + (end ? -6 : 6), y: low.y1 - 6 - 14 * (shelf % 3), "text-anchor": end ? "end" : "start" });
      });
      if (points) rowOf(spec, table, points, state.index).forEach((x, k) => setAll(parts.points[k], { cx: X(x), cy: top.y1 }));
    }

    const x = px[i];
    const value = row[i];
    const slope = slopes[i];
    const y = clamp(isFinite(value) ? Y(value) : value < 0 ? top.y1 : top.y0, top.y0, top.y1);
    const g = clamp(isFinite(slope) ? G(slope) : slope < 0 ? low.y1 : low.y0, low.y0, low.y1);
    setAll(parts.probe, { x1: x, x2: x, y2: state.revealed ? low.y1 : top.y1 });
    setAll(parts.lossDot, { cx: x, cy: y });
    setAll(parts.gradDot, { cx: x, cy: g });
    show(parts.lossDot, isFinite(value));
    show(parts.gradDot, state.revealed && isFinite(slope));
    show(parts.gradPath.parentNode, state.revealed);
    show(parts.cover, !state.revealed);

    const inView = isFinite(value) && value >= spec.range[0] && value <= spec.range[1];
    const touches = state.revealed && inView && isFinite(slope);
    show(parts.tangent, touches);
    if (touches) {
      const dx = X(1) - X(0);
      const dy = (Y(1) - Y(0)) * slope;
      const reach = 64 / Math.hypot(dx, dy);
      setAll(parts.tangent, { x1: x - reach * dx, y1: y - reach * dy, x2: x + reach * dx, y2: y + reach * dy });
    }
    const left = x > (top.x0 + top.x1) / 2;
    const beside = { x: x + (left ? -13 : 13), "text-anchor": left ? "end" : "start" };
    // Above the dot where the curve falls towards the text, below where it rises away from it.
    const over = left ? slope > 0 : slope < 0;
    const lossY = clamp(over || y > top.y1 - 26 ? y - 12 : y + 24, top.y0 + 12, top.y1 - 8);
    setAll(parts.lossText, { ...beside, y: over && y < top.y0 + 26 ? y + 24 : lossY });
    setText(parts.lossText, format(value, spec.digits) + beyond(value, spec.range));
    show(parts.gradText, state.revealed);
    // The lowest line belongs to the names of the marks.
    setAll(parts.gradText, { ...beside, y: g < low.y0 + 26 ? g + 20 : Math.min(g - 11, parts.marks.length ? low.y1 - 24 : Infinity) });
    setText(parts.gradText, format(slope, spec.digits) + beyond(slope, spec.gradRange));
  }

  return {
    layout,
    draw,
    height: (width) => clamp(width * 0.575, 330, 430),
    touch: "pan-y",
    grab(x, y, state) {
      if (points && spec.dragPoint !== null) {
        const at = X(rowOf(spec, table, points, state.index)[spec.dragPoint]);
        if (Math.hypot(x - at, y - top.y1) < 26) return (px) => [[spec.drag, X.invert(px)]];
      }
      return (px) => [["probe", X.invert(px)]];
    },
    describe(state) {
      const i = state.index.probe;
      const value = rowOf(spec, table, loss, state.index)[i];
      const slope = rowOf(spec, table, grad, state.index)[i];
      const slopeText = state.revealed ? `, gradient ${format(slope, spec.digits)}` : "";
      return `${spec.lossLabel} ${format(value, spec.digits)}${slopeText}`;
    },
    rows(state) {
      const shown = overlays.filter((o) => !state.hidden.has(o.name));
      const columns = [{ name: loss.name, series: loss }, ...(state.revealed ? [{ name: "gradient", series: grad }] : [])].concat(
        shown.map((o) => ({ name: o.name, series: o.loss })),
      );
      const pick = Array.from({ length: 13 }, (_, k) => Math.round((k * (xs.length - 1)) / 12));
      const values = columns.map((c) => rowOf(spec, table, c.series, state.index));
      return {
        head: [spec.xLabel, ...columns.map((c) => c.name)],
        body: pick.map((i) => [format(xs[i], spec.digits), ...values.map((v) => format(v[i], spec.digits))]),
      };
    },
  };
}

function barsPanel(spec, table, stage) {
  const { svg } = stage;
  const groups = spec.groups.map((g, i) => ({
    ...g,
    values: spec.series.find((s) => s.role === "bars" && s.group === i),
    outline: spec.series.find((s) => s.role === "outline" && s.group === i),
  }));
  const readouts = spec.series.filter((s) => s.role === "readout");
  const count = spec.labels.length;
  let parts;

  function layout(width, height) {
    svg.replaceChildren();
    const headLine = drawReadouts(svg, readouts, width);
    const head = headLine.height + 8;
    const columns = columnsFor(width);
    const tall = (height - head) / Math.ceil(groups.length / columns);
    const broad = width / columns;
    parts = {
      readouts: headLine.texts,
      groups: groups.map((g, k) => {
        const x = (k % columns) * broad;
        const y = head + Math.floor(k / columns) * tall;
        const box = { x0: x + 44, x1: x + broad - 10, y0: y + 26, y1: y + tall - 30 };
        const Y = linear(...g.range, box.y1, box.y0);
        const group = make(svg, "g");
        make(group, "text", { x: box.x0, y: y + 13, class: `name ${g.style}` }, g.name);
        drawAxes(group, box, null, Y, { yTicks: ticks(...g.range, 4) });
        const slot = (box.x1 - box.x0) / count;
        const thick = Math.min(54, slot * 0.62);
        const content = make(group, "g");
        const bars = spec.labels.map((label, i) => {
          const middle = box.x0 + slot * (i + 0.5);
          fit(make(group, "text", { x: middle, y: box.y1 + 18, "text-anchor": "middle" }, label), slot - 4);
          return {
            middle,
            bar: make(content, "rect", { class: `bar ${g.style}`, x: middle - thick / 2, width: thick, rx: 2 }),
            outline: g.outline && make(content, "rect", { class: "outline", x: middle - thick / 2 - 3, width: thick + 6, rx: 3 }),
            ghost: make(content, "line", { class: `ghost-mark ${g.style}`, x1: middle - thick / 2 - 5, x2: middle + thick / 2 + 5 }),
            handle: g.drag[i] && make(content, "line", { class: "grip", x1: middle - thick / 4, x2: middle + thick / 4 }),
            text: make(content, "text", { class: "value halo", x: middle, "text-anchor": "middle" }),
          };
        });
        const cover = make(group, "g", { class: "cover" });
        make(cover, "rect", { x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0, rx: 6 });
        make(cover, "text", { x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2, "text-anchor": "middle" }, "Predict, then reveal");
        for (const i of g.drag.keys()) {
          if (g.drag[i]) make(content, "rect", { class: "grab", x: box.x0 + slot * i, y: box.y0 - 14, width: slot, height: box.y1 - box.y0 + 28 });
        }
        // As many digits as fit beside each other: a sign, a digit and a point before them.
        const digits = g.digits < 1 ? g.digits : clamp(Math.floor(slot / 7.6 - 3), 1, g.digits);
        return { box, Y, bars, content, cover, slot, digits };
      }),
    };
  }

  function draw(state) {
    readouts.forEach((s, i) => setText(parts.readouts[i], format(rowOf(spec, table, s, state.index)[0], spec.digits)));
    groups.forEach((g, k) => {
      const { Y, bars, box, content, cover, digits } = parts.groups[k];
      const shown = state.revealed || !g.reveal;
      show(content, shown);
      show(cover, !shown);
      const values = rowOf(spec, table, g.values, state.index);
      const target = g.outline && rowOf(spec, table, g.outline, state.index);
      const before = state.ghost && rowOf(spec, table, g.values, state.ghost);
      const span = (value) => {
        const [a, b] = [clamp(Y(isFinite(value) ? value : 0), box.y0, box.y1), clamp(Y(0), box.y0, box.y1)];
        return { y: Math.min(a, b), height: Math.abs(a - b) };
      };
      bars.forEach((b, i) => {
        const value = values[i];
        const { y, height } = span(value);
        setAll(b.bar, { y, height });
        if (b.outline) setAll(b.outline, span(target[i]));
        const ghostShows = before && before[i] !== value && isFinite(before[i]);
        show(b.ghost, Boolean(ghostShows));
        if (ghostShows) setAll(b.ghost, { y1: Y(before[i]), y2: Y(before[i]) });
        const tip = value < 0 ? y + height : y;
        const grip = value < 0 ? tip - 7 : tip + 7;
        if (b.handle) {
          setAll(b.handle, { y1: grip, y2: grip });
          show(b.handle, height >= 14);
        }
        setAll(b.text, { y: value < 0 ? Math.min(tip + 17, box.y1 + 3) : Math.max(tip - 7, box.y0 - 2) });
        setText(b.text, format(value, digits));
      });
    });
  }

  // One row where the panels have room in it, else two, and on a phone one below the other.
  const columnsFor = (width) => (width < 560 ? 1 : width / groups.length < 180 ? Math.ceil(groups.length / 2) : groups.length);
  const heightFor = (width) => {
    if (width < 560) return 34 + 22 * readouts.length + 190 * groups.length;
    return columnsFor(width) < groups.length ? 34 + 2 * 210 : clamp(width * 0.42, 270, 330);
  };

  const groupAt = (x, y) => groups.findIndex((g, k) => {
    const { box } = parts.groups[k];
    return x >= box.x0 && x <= box.x1 && y >= box.y0 - 14 && y <= box.y1 + 14 && g.drag.some(Boolean);
  });
  return {
    layout,
    draw,
    height: heightFor,
    touch: "auto",
    grab(x, y) {
      const k = groupAt(x, y);
      if (k < 0) return null;
      const { box, slot } = parts.groups[k];
      const name = groups[k].drag[clamp(Math.floor((x - box.x0) / slot), 0, count - 1)];
      const { Y } = parts.groups[k];
      return name ? (_, py) => [[name, Y.invert(py)]] : null;
    },
    describe: (state) =>
      [
        ...readouts.map((s) => `${s.name} ${format(rowOf(spec, table, s, state.index)[0], spec.digits)}`),
        ...groups.filter((g) => state.revealed || !g.reveal).map((g) => {
          const values = rowOf(spec, table, g.values, state.index);
          return `${g.name}: ` + spec.labels.map((label, i) => `${label} ${format(values[i], g.digits)}`).join(", ");
        }),
      ].join("; "),
    rows(state) {
      const shown = groups.filter((g) => state.revealed || !g.reveal);
      const values = shown.map((g) => rowOf(spec, table, g.values, state.index));
      return {
        head: ["", ...shown.map((g) => g.name)],
        body: spec.labels.map((label, i) => [label, ...values.map((v, k) => format(v[i], shown[k].digits))]),
      };
    },
  };
}

const FINE = 180; // pixels of a map along each side, before the browser scales it to its place

function heatmapPanel(spec, table, stage) {
  const { svg, canvas } = stage;
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

function planePanel(spec, table, stage) {
  const { svg } = stage;
  const [points] = spec.series.filter((s) => s.role === "points");
  const [arrows] = spec.series.filter((s) => s.role === "arrows");
  const circles = spec.series.filter((s) => s.role === "circle");
  const readouts = spec.series.filter((s) => s.role === "readout");
  const [xRange, yRange] = [spec.range, spec.yRange];
  const held = spec.drag ? spec.labels.length - 1 : -1; // the last point is the one to drag
  let box, X, Y, parts;

  function layout(width, height) {
    svg.replaceChildren();
    const headLine = drawReadouts(svg, readouts, width);
    const head = headLine.height + 10;
    // One unit is as long across as up, so that a circle is a circle.
    const unit = Math.min((width - 56) / (xRange[1] - xRange[0]), (height - head - 30) / (yRange[1] - yRange[0]));
    const [broad, tall] = [unit * (xRange[1] - xRange[0]), unit * (yRange[1] - yRange[0])];
    const x0 = 42 + (width - 56 - broad) / 2;
    box = { x0, x1: x0 + broad, y0: head, y1: head + tall };
    X = linear(...xRange, box.x0, box.x1);
    Y = linear(...yRange, box.y1, box.y0);
    drawAxes(svg, box, X, Y, { xTicks: ticks(...xRange, broad > 400 ? 8 : 5), yTicks: ticks(...yRange, 6) });
    const inside = make(svg, "g", { "clip-path": clipBox(svg, box) });
    parts = {
      readouts: headLine.texts,
      circles: circles.map((s) => ({
        ring: make(inside, "circle", { class: "ring" }),
        text: make(inside, "text", { class: "halo" }, s.name),
      })),
      ghosts: spec.labels.map((_, i) => make(inside, "circle", { class: `ghost-dot ${spec.styles[i]}`, r: 6.5 })),
      texts: spec.labels.map((label, i) => make(inside, "text", { class: `name halo ${spec.styles[i]}`, "text-anchor": "middle" }, label)),
      arrows: spec.labels.map((_, i) => make(inside, "path", { class: `step ${spec.styles[i]}` })),
      points: spec.labels.map((_, i) => make(inside, "circle", { class: `dot ${spec.styles[i]}`, r: i === held ? 9 : 6.5 })),
      hit: held < 0 ? null : make(inside, "circle", { class: "target-hit", r: 24 }),
      cover: make(svg, "text", { class: "halo", x: box.x1 - 8, y: box.y1 - 10, "text-anchor": "end" }, "Predict the arrows, then reveal"),
    };
    parts.widths = parts.texts.map((text) => text.getComputedTextLength());
  }

  function draw(state) {
    readouts.forEach((s, i) => setText(parts.readouts[i], format(rowOf(spec, table, s, state.index)[0], spec.digits)));
    const at = rowOf(spec, table, points, state.index);
    const push = rowOf(spec, table, arrows, state.index);
    // What is not finite has no place: it is left out, with all that belongs to it.
    const places = spec.labels.map((_, i) => [X(at[2 * i]), Y(at[2 * i + 1])]);
    const isShown = places.map(([x, y]) => isFinite(x) && isFinite(y));
    const unit = X(1) - X(0);
    circles.forEach((s, i) => {
      const r = rowOf(spec, table, s, state.index)[0] * unit;
      const { ring, text } = parts.circles[i];
      const shown = isShown[0] && isFinite(r) && r > 0;
      show(ring, shown);
      show(text, shown);
      if (!shown) return;
      setAll(ring, { cx: places[0][0], cy: places[0][1], r });
      setAll(text, { x: places[0][0] + r * 0.72 + 6, y: places[0][1] + r * 0.72 + 14 });
    });
    show(parts.cover, !state.revealed);
    const before = state.ghost && rowOf(spec, table, points, state.ghost);
    parts.ghosts.forEach((ghost, i) => {
      const [x, y] = before ? [X(before[2 * i]), Y(before[2 * i + 1])] : [NaN, NaN];
      const moved = isFinite(x) && isFinite(y) && Math.hypot(x - places[i][0], y - places[i][1]) > 1;
      show(ghost, moved);
      if (moved) setAll(ghost, { cx: x, cy: y });
    });
    // A name makes way for its arrow, but only when it is shown: a hidden one is not to be guessed from the name.
    const low = spec.labels.map((_, i) => state.revealed && push[2 * i + 1] > 0);
    const names = namePlaces(places, parts.widths, low, box);
    places.forEach(([x, y], i) => {
      for (const part of [parts.points[i], parts.texts[i], parts.arrows[i]]) show(part, isShown[i]);
      if (i === held) show(parts.hit, isShown[i]);
      if (!isShown[i]) return;
      setAll(parts.points[i], { cx: x, cy: y });
      if (i === held) setAll(parts.hit, { cx: x, cy: y });
      setAll(parts.texts[i], { x: names[i][0], y: names[i][1] });
      const [dx, dy] = [push[2 * i], push[2 * i + 1]];
      const length = Math.hypot(dx, dy) * unit * spec.stretch;
      // Below a pixel it is the rounding of forces that cancel; short of its own head it would not read as an arrow.
      parts.arrows[i].setAttribute("d", state.revealed && length >= 1 ? arrowPath(x, y, dx, -dy, Math.max(length, 16)) : "");
    });
  }

  const facts = (state) => rowOf(spec, table, points, state.index);
  return {
    layout,
    draw,
    height: (width) => clamp((width - 56) * ((yRange[1] - yRange[0]) / (xRange[1] - xRange[0])) + (readouts.length ? 64 : 40), 220, 460),
    touch: "pan-y",
    grab: (x, y) =>
      held < 0 || x < box.x0 || x > box.x1 || y < box.y0 || y > box.y1
        ? null
        : (px, py) => [[spec.drag[0], X.invert(px)], [spec.drag[1], Y.invert(py)]],
    describe(state) {
      const at = facts(state);
      return [
        ...readouts.map((s) => `${s.name} ${format(rowOf(spec, table, s, state.index)[0], spec.digits)}`),
        ...spec.labels.map((label, i) => `${label} at ${format(at[2 * i], spec.digits)}, ${format(at[2 * i + 1], spec.digits)}`),
      ].join("; ");
    },
    rows(state) {
      const [at, push] = [facts(state), rowOf(spec, table, arrows, state.index)];
      const two = (values, i) => [format(values[2 * i], spec.digits), format(values[2 * i + 1], spec.digits)];
      return {
        head: ["point", "x", "y", ...(state.revealed ? ["step in x", "step in y"] : [])],
        body: spec.labels.map((label, i) => [label, ...two(at, i), ...(state.revealed ? two(push, i) : [])]),
      };
    },
  };
}

/** What models say after each epoch, over the data that they learn from; beside it how they did up to here. */
function trainingPanel(spec, table, stage) {
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

const PANELS = { curves: curvesPanel, bars: barsPanel, heatmap: heatmapPanel, plane: planePanel, training: trainingPanel };

// ---------------------------------------------------------------------------------------------- 5 shell

const GHOST_AFTER = 700; // ms of rest after which a new move counts as a new gesture and leaves a ghost
const SPEAK_AFTER = 400; // ms of rest after which the numbers are announced
const SYNC_EVERY = 50; // ms between two messages to the kernel while a slider moves
const PASS = 4000; // ms of one sweep from end to end

function render({ model, el }) {
  const spec = { ...model.get("spec") };
  spec.lengths = Object.fromEntries(spec.controls.map((c) => [c.name, c.values.length]));
  const linkName = el.dataset.link ?? linkNames([...document.querySelectorAll(".lossviz")].map((e) => e.dataset.explorer).concat(spec.id)).at(-1);
  const raw = model.get("table");
  const table = raw instanceof Float32Array ? raw : new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
  const abort = new AbortController();
  const { signal } = abort;
  const listen = (target, type, handler) => target.addEventListener(type, handler, { signal });

  // No section element: on a slide those are slides.
  const root = html(el, "div", {
    class: "lossviz",
    "data-explorer": spec.id,
    role: "region",
    "aria-label": `${spec.title} explorer`,
    tabindex: "-1",
  });
  const header = html(root, "header");
  html(header, "b", {}, spec.title);
  html(header, "span", { class: "fill" });
  const wrap = html(root, "div", { class: "stage" });
  const canvas = spec.kind === "heatmap" ? html(wrap, "canvas", { class: spec.cells ? "cells" : "", "aria-hidden": "true" }) : null;
  const svg = make(wrap, "svg", { role: "img" });
  const panel = PANELS[spec.kind](spec, table, { svg, canvas });
  svg.style.touchAction = panel.touch;
  const state = { index: {}, revealed: model.get("revealed"), hidden: new Set(model.get("hidden")), ghost: null };

  // --- state: one way in (`set`), one way out (`push`)

  const byName = Object.fromEntries(spec.controls.map((c) => [c.name, c]));
  const indexOf = (control, value) => (control.type === "slider" ? nearest(control.values, value) : Math.max(0, control.values.indexOf(value)));
  let lastMove = -Infinity;
  const movable = (control) => control.type === "slider" && control.values.length > 1;
  let active = spec.active ?? spec.controls.find(movable)?.name; // the one that the keys move
  // Where "reset" leads: the first setting, or that of the link by which the reader came.
  let home = { index: Object.fromEntries(spec.controls.map((c) => [c.name, c.start])), revealed: spec.revealed, hidden: spec.hidden };
  let timer = 0;
  let speech = 0;
  let speakAt = 0;
  let lastSize = "";

  function push(name, value) {
    model.set(name, value);
    // Changes leave together: a kernel that is busy does not pile up messages.
    timer ||= setTimeout(save, SYNC_EVERY);
  }

  function save() {
    clearTimeout(timer);
    timer = 0;
    model.save_changes();
  }

  function set(name, index) {
    const control = byName[name];
    index = clamp(index, 0, control.values.length - 1);
    if (control.type === "slider") active = name;
    if (state.index[name] === index) return;
    const now = performance.now();
    if (!isProbe(name) && now - lastMove > GHOST_AFTER) state.ghost = { ...state.index };
    lastMove = now;
    state.index[name] = index;
    showControl(name);
    draw();
    push(name, control.values[index]);
    announce(name);
  }

  // --- explorers side by side keep the controls that they share in step

  const linked = spec.linked ?? { names: [] };
  let follows = false;

  function announce(name) {
    if (follows || !linked.names.includes(name)) return;
    const detail = { from: root, group: linked.group, name, value: byName[name].values[state.index[name]] };
    document.dispatchEvent(new CustomEvent("lossviz-moved", { detail }));
  }

  listen(document, "lossviz-moved", ({ detail }) => {
    if (detail.from === root || detail.group !== linked.group || !linked.names.includes(detail.name)) return;
    follows = true; // what follows does not lead, or two would push each other for ever
    set(detail.name, indexOf(byName[detail.name], detail.value));
    follows = false;
  });

  function draw() {
    if (lastSize) panel.draw(state); // before the first layout there is nothing to draw into
    speakAt = performance.now() + SPEAK_AFTER;
    speech ||= setTimeout(speak, SPEAK_AFTER);
  }

  function speak() {
    const rest = speakAt - performance.now();
    speech = rest > 0 ? setTimeout(speak, rest) : 0; // one timer that waits on costs less than a new one a step
    if (speech) return;
    const text = describe();
    if (live.textContent !== text) live.textContent = text;
  }

  function describe() {
    const settings = spec.controls.map((c) => `${c.label} ${c.text[state.index[c.name]]}`).join(", ");
    const text = `${settings}: ${panel.describe(state)}`;
    svg.setAttribute("aria-label", `${spec.title}. ${text}`);
    if (data.open) fillTable();
    return text;
  }

  // --- buttons of the header

  const button = (parent, text, label, action, className = "") => {
    const element = html(parent, "button", { type: "button", class: className, title: label }, text);
    listen(element, "click", action);
    return element;
  };
  const secret = spec.kind === "bars" ? "" : " gradient"; // bars may hide anything
  const reveal = spec.hideable && button(header, "", `Show or hide${secret ? " the gradient" : " what is covered"} (key r)`, () => setRevealed(!state.revealed));
  button(header, "reset", "Back to the first setting (key 0)", reset);
  const present = button(header, "present", "Full screen, for a projector (key f)", togglePresent);

  function setRevealed(value) {
    state.revealed = value;
    if (reveal) reveal.textContent = (value ? "hide" : "reveal") + secret;
    draw();
    if (model.get("revealed") !== value) push("revealed", value);
  }

  function setHidden(names) {
    state.hidden = new Set(names);
    for (const [name, box] of Object.entries(chips)) box.checked = !state.hidden.has(name);
    draw();
    if (String(model.get("hidden")) !== String(names)) push("hidden", names);
  }

  function reset() {
    stop();
    for (const c of spec.controls) {
      state.index[c.name] = home.index[c.name];
      showControl(c.name);
      push(c.name, c.values[home.index[c.name]]);
      announce(c.name);
    }
    setHidden(home.hidden);
    setRevealed(home.revealed);
    state.ghost = null;
    draw();
  }

  // --- present mode: full screen where the host allows it, else the browser's top layer

  function setPresent(on) {
    root.classList.toggle("present", on);
    present.textContent = on ? "close" : "present";
    resize();
  }

  async function togglePresent() {
    if (root.classList.contains("present")) {
      if (document.fullscreenElement === root) await document.exitFullscreen();
      else {
        root.removeAttribute("popover");
        setPresent(false);
      }
      return;
    }
    try {
      // From a link, without a click or a key, a browser refuses, with a complaint in its console.
      if (navigator.userActivation?.isActive === false) throw new Error("no user activation");
      await root.requestFullscreen();
    } catch {
      root.setAttribute("popover", "manual");
      root.showPopover();
      setPresent(true);
    }
    root.focus({ preventScroll: true });
  }

  listen(root, "fullscreenchange", () => setPresent(document.fullscreenElement === root));

  // --- controls

  const chips = {};
  if (spec.overlays.length) {
    const row = html(root, "div", { class: "chips", role: "group", "aria-label": "curves to compare with" });
    spec.overlays.forEach((name, i) => {
      const label = html(row, "label");
      const box = html(label, "input", { type: "checkbox" });
      const line = make(make(label, "svg", { width: 26, height: 8, "aria-hidden": "true" }), "path", { d: "M1 4H25", class: `curve other${(i % 4) + 1}` });
      line.parentNode.setAttribute("viewBox", "0 0 26 8");
      html(label, "span", {}, name);
      chips[name] = box;
      listen(box, "change", () => setHidden(spec.overlays.filter((other) => !chips[other].checked)));
    });
  }
  const grid = html(root, "div", { class: "settings" });
  const shows = {};
  for (const control of spec.controls) addControl(control);

  function addControl(control) {
    if (control.values.length === 1) {
      shows[control.name] = () => {}; // the only row of a map: there is nothing to choose
    } else if (control.type === "slider") {
      const row = html(grid, "div", { class: "control" });
      const label = html(row, "label");
      html(label, "span", {}, control.label);
      const input = html(label, "input", { type: "range", min: 0, max: control.values.length - 1, step: 1, "aria-label": control.label, "data-control": control.name });
      const output = html(label, "output");
      const play = button(row, "▶", `Sweep ${control.label}`, () => (sweep.name === control.name ? stop() : start(control.name)), "play");
      play.setAttribute("aria-label", `Sweep ${control.label}`);
      listen(input, "input", () => {
        stop();
        set(control.name, Number(input.value));
      });
      listen(input, "focus", () => (active = control.name));
      // A finger that scrolls the page across a slider moves it, before the browser knows what the finger wants.
      listen(input, "pointerdown", remember);
      listen(input, "pointercancel", putBack);
      shows[control.name] = (index) => {
        input.value = index;
        output.textContent = control.text[index];
        input.setAttribute("aria-valuetext", control.text[index]);
        if (play.dataset.on !== String(sweep.name === control.name)) {
          play.dataset.on = sweep.name === control.name;
          play.textContent = sweep.name === control.name ? "❚❚" : "▶";
        }
      };
    } else if (control.type === "choice") {
      const row = html(grid, "div", { class: "control choice", role: "radiogroup", "aria-label": control.label });
      html(row, "span", {}, control.label);
      const name = newId("choice"); // radio buttons of one name exclude each other on the whole page
      const inputs = control.text.map((text, i) => {
        const label = html(row, "label");
        const input = html(label, "input", { type: "radio", name, "data-control": control.name });
        html(label, "span", {}, text);
        listen(input, "change", () => set(control.name, i));
        return input;
      });
      shows[control.name] = (index) => (inputs[index].checked = true);
    } else {
      const label = html(html(grid, "div", { class: "control toggle" }), "label");
      const input = html(label, "input", { type: "checkbox", "data-control": control.name });
      html(label, "span", {}, control.label);
      listen(input, "change", () => set(control.name, input.checked ? 1 : 0));
      shows[control.name] = (index) => (input.checked = index === 1);
    }
  }

  const footer = html(root, "footer");
  const code = html(footer, spec.call ? "code" : "span", spec.call ? { tabindex: 0, "aria-label": "PyTorch call" } : { class: "fill" });
  if (spec.call) button(footer, "copy", "Copy this call", (event) => copy(code.textContent, event.currentTarget));
  button(footer, "link", "Copy a link to this setting", (event) => {
    const order = [...spec.controls.filter((c) => c.name !== active), ...spec.controls.filter((c) => c.name === active)];
    const fields = Object.fromEntries(order.map((c) => [c.name, [c.values[state.index[c.name]]]]));
    fields.hidden = [...state.hidden];
    fields.revealed = [state.revealed];
    if (root.classList.contains("present")) fields.present = [true];
    history.replaceState(history.state, "", writeFragment(linkName, fields));
    copy(location.href, event.currentTarget);
  });
  const data = html(footer, "details");
  html(data, "summary", { title: "The numbers behind the drawing" }, "data");
  const scroller = html(data, "div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "numbers behind the drawing" });
  listen(data, "toggle", () => data.open && fillTable());
  const live = html(root, "div", { class: "spoken", "aria-live": "polite" });

  function fillTable() {
    const { head, body } = panel.rows(state);
    const element = document.createElement("table");
    const top = html(html(element, "thead"), "tr");
    head.forEach((text) => html(top, "th", { scope: "col" }, text));
    const lines = html(element, "tbody");
    for (const cells of body) {
      const line = html(lines, "tr");
      cells.forEach((text, i) => html(line, i ? "td" : "th", i ? {} : { scope: "row" }, text));
    }
    scroller.replaceChildren(element);
  }

  async function copy(text, element) {
    element.dataset.label ??= element.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without clipboard rights (a page from a folder, say) the old command still copies a selection.
      const area = html(root, "textarea", { class: "spoken" }, text);
      area.select();
      document.execCommand("copy");
      area.remove();
      element.focus();
    }
    element.textContent = "copied";
    setTimeout(() => (element.textContent = element.dataset.label), 1200);
  }

  function showControl(name) {
    shows[name](state.index[name]);
    if (spec.call) code.textContent = spec.call.replace(/\{([\p{L}\p{N}_]+)\}/gu, (whole, key) => (byName[key] ? byName[key].code[state.index[key]] : whole));
  }

  // --- sweep

  const sweep = { name: null, frame: 0, step: 1, due: 0 };

  function start(name) {
    stop();
    const count = byName[name].values.length;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const pace = Math.max(calm ? 600 : 16, PASS / count);
    sweep.name = name;
    sweep.due = performance.now();
    lastMove = -Infinity;
    showControl(name);
    const tick = (now) => {
      sweep.frame = requestAnimationFrame(tick);
      if (now < sweep.due) return;
      sweep.due = Math.max(sweep.due + pace, now);
      const next = state.index[name] + sweep.step;
      if (next < 0 || next >= count) sweep.step = -sweep.step;
      set(name, state.index[name] + sweep.step);
    };
    sweep.frame = requestAnimationFrame(tick);
  }

  function stop() {
    if (sweep.name === null) return;
    cancelAnimationFrame(sweep.frame);
    const { name } = sweep;
    sweep.name = null;
    showControl(name);
  }

  // --- pointer and keyboard

  let before = null; // what a pointer found
  function remember() {
    before = { index: { ...state.index }, ghost: state.ghost, active };
  }
  function putBack() {
    for (const [name, index] of Object.entries(before.index)) set(name, index);
    state.ghost = before.ghost;
    active = before.active;
    draw();
  }

  let drag = null;
  let held = false; // by its handle
  const toUnits = (event) => {
    const box = svg.getBoundingClientRect();
    const view = svg.viewBox.baseVal;
    const scale = Math.min(box.width / view.width, box.height / view.height);
    return [(event.clientX - box.left - (box.width - view.width * scale) / 2) / scale, (event.clientY - box.top - (box.height - view.height * scale) / 2) / scale];
  };
  const dragTo = (event) => {
    for (const [name, value] of drag(...toUnits(event))) set(name, nearest(byName[name].values, value));
  };
  listen(svg, "pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = panel.grab(...toUnits(event), state);
    if (!drag) return;
    stop();
    remember();
    held = event.target.matches(".grab, .target-hit, .handle");
    svg.setPointerCapture(event.pointerId);
    dragTo(event);
  });
  listen(svg, "pointermove", (event) => drag && dragTo(event));
  listen(svg, "pointerup", () => (drag = null));
  // A finger that scrolls the page leaves the setting as it was.
  listen(svg, "pointercancel", () => {
    if (drag) putBack();
    drag = null;
  });
  // A finger on a handle drags it, up and down too; touch-action has no effect inside a drawing.
  svg.addEventListener("touchmove", (event) => drag && held && event.cancelable && event.preventDefault(), { passive: false, signal });

  const keys = {
    r: () => reveal && setRevealed(!state.revealed),
    0: reset,
    f: togglePresent,
    Escape: togglePresent,
    " ": () => (sweep.name ? stop() : start(active)),
    ArrowRight: () => step(1),
    ArrowUp: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowDown: () => step(-1),
    // What the buttons of a presenter send.
    PageDown: () => step(1),
    PageUp: () => step(-1),
  };
  function step(by) {
    stop();
    set(active, state.index[active] + by);
  }
  listen(document, "lossviz-stop", stop); // a deck leaves the slide
  listen(root, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const presents = root.classList.contains("present");
    if (event.key === "Tab" || (/^(Escape|Page)/.test(event.key) && !presents)) return;
    // JupyterLab's shortcuts listen above: without this, arrow keys never reach a slider and "d d" deletes the cell.
    event.stopPropagation();
    const { target } = event;
    const own = target.matches("button, summary, input[type=checkbox]") ? " " : target.matches("input[type=radio]") ? " Arrow" : target.matches("input[type=range], .scroller, code") ? "Arrow" : "";
    if (own && ((event.key === " " && own.includes(" ")) || (event.key.startsWith("Arrow") && own.includes("Arrow")))) return;
    if (keys[event.key] && (active || !/^( |Arrow|Page)/.test(event.key))) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  // --- the model

  const handlers = [];
  const watch = (name, handler) => {
    model.on(`change:${name}`, handler);
    handlers.push([`change:${name}`, handler]);
  };
  for (const control of spec.controls) {
    state.index[control.name] = indexOf(control, model.get(control.name));
    watch(control.name, () => {
      const index = indexOf(control, model.get(control.name));
      if (index === state.index[control.name]) return;
      state.index[control.name] = index;
      showControl(control.name);
      draw();
      announce(control.name);
    });
  }
  watch("revealed", () => model.get("revealed") !== state.revealed && setRevealed(model.get("revealed")));
  watch("hidden", () => String(model.get("hidden")) !== String([...state.hidden]) && setHidden(model.get("hidden")));

  // --- the URL fragment

  function restore() {
    const fields = readFragment(location.hash, linkName);
    if (!fields) return;
    // In the order of the link: its last slider is the one that the keys move.
    for (const [name, [text]] of Object.entries(fields)) {
      const control = byName[name];
      if (!control) continue;
      if (control.type !== "slider") {
        const index = control.values.findIndex((v) => String(v) === text);
        if (index >= 0) set(name, index);
      } else if (text.trim() && isFinite(Number(text))) set(name, nearest(control.values, Number(text)));
    }
    if (fields.revealed) setRevealed(fields.revealed[0] === "true");
    setHidden(spec.overlays.filter((name) => (fields.hidden ?? []).includes(name)));
    state.ghost = null;
    draw();
    home = { index: { ...state.index }, revealed: state.revealed, hidden: [...state.hidden] };
    root.scrollIntoView({ block: root.offsetHeight < innerHeight - 120 ? "center" : "start", behavior: "instant" });
    if (fields.present?.[0] === "true" && !root.classList.contains("present")) togglePresent();
  }
  listen(window, "hashchange", restore);

  // --- size

  let opens = spec.present === true; // in present mode, as soon as it stands on the page
  function resize() {
    const presenting = root.classList.contains("present");
    // Not its rectangle on the screen: a slide is scaled, and the drawing with it.
    const box = { width: wrap.clientWidth, height: wrap.clientHeight };
    if (!box.width) return;
    if (opens) queueMicrotask(togglePresent);
    opens = false;
    // On a projector the drawing is laid out small and scaled up, so that its type grows with the screen.
    const larger = Number(getComputedStyle(root).getPropertyValue("--drawn-larger")) || 1; // on slides
    const scale = presenting ? clamp(Math.min(box.width / 760, box.height / 310), 1, 4) : larger;
    const width = Math.round(box.width / scale);
    const height = Math.round((presenting ? box.height : panel.height(box.width)) / scale);
    if (lastSize === `${width} ${height}`) return;
    lastSize = `${width} ${height}`;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    panel.layout(width, height);
    panel.draw(state);
  }
  const observer = new ResizeObserver(resize);
  observer.observe(wrap);

  for (const control of spec.controls) showControl(control.name);
  setHidden([...state.hidden]);
  setRevealed(state.revealed);
  resize();
  describe();
  clearTimeout(speech); // nothing happened yet that would be worth announcing
  speech = 0;
  restore();
  return () => {
    stop();
    abort.abort();
    observer.disconnect();
    clearTimeout(speech);
    if (timer) save();
    for (const [name, handler] of handlers) model.off(name, handler);
    root.remove();
  };
}

export default { render };

// ---------------------------------------------------------------------------------------------- 6 page

/** Stands in for the widget's model where no kernel runs: it holds the state and tells nobody. */
export function pageModel(fields) {
  return { get: (name) => fields[name], set: (name, value) => (fields[name] = value), on() {}, off() {}, save_changes() {} };
}

const NEAR = "800px"; // how far from the screen an explorer comes to life

/** Brings the explorers of a page to life, each when it comes near the screen or a link leads to it. */
export function mountAll(page) {
  // Each explorer of a page brings this code: the first to come does the work.
  const hosts = [...page.querySelectorAll(".lossviz-page:not([data-alive])")];
  if (!hosts.length) return;
  const awake = new Map();
  const wake = (host) => {
    if (awake.has(host)) return awake.get(host);
    observer.unobserve(host);
    host.dataset.alive = "";
    const mounted = mount(host).catch((error) => {
      console.error(error);
      const { dataset } = host.querySelector(".lossviz-still");
      if (dataset.src) html(host.querySelector(".lossviz-still"), "img", { src: dataset.src, alt: dataset.alt });
    });
    awake.set(host, mounted);
    return mounted;
  };
  const observer = new IntersectionObserver((entries) => entries.forEach((e) => e.isIntersecting && wake(e.target)), { rootMargin: NEAR });
  const names = linkNames(hosts.map((host) => host.dataset.explorer));
  const wakeLinked = () => hosts.forEach((host) => readFragment(location.hash, host.dataset.link) && wake(host));
  hosts.forEach((host, i) => {
    Object.assign(host.dataset, { alive: "waiting", link: names[i] });
    observer.observe(host);
  });
  wakeLinked();
  addEventListener("hashchange", wakeLinked);
  // A browser does not wait for what begins before it prints, so its key and the page's button print only when all
  // are there; from the browser's menu those that were near are.
  addEventListener("beforeprint", () => hosts.forEach(wake));
  const print = window.print.bind(window);
  window.print = () => Promise.all(hosts.map(wake)).then(print);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "p" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    window.print();
  });
}

async function mount(host) {
  const { spec, state, data } = JSON.parse(host.querySelector("script[type='application/json']").textContent);
  const table = await unpack(data, spec.series);
  render({ model: pageModel({ spec, table, ...state }), el: host });
  host.querySelector(".lossviz-still").remove(); // only now: should anything fail, the picture stays
}
