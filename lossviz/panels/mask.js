// A mask to paint over the outline of a target: the push at each pixel, and the legend that tells the kinds of pixel.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { clamp, format } from "../explorer/numbers.js";
import { rowReader } from "../explorer/lookup.js";
import { drawReadouts } from "./parts.js";
import { addPixelGrid, createBrush } from "./brush.js";
import { bitsOf, outlineOf } from "./pixelset.js";

const PIXEL_KINDS = ["target painted", "target not painted", "outside painted", "outside not painted"]; // as in masks.py
const WRITTEN = ["arrow", "number", "nothing"]; // as in stills/mask.py
const LEVELS = 24; // of a colour, from none to full
const BESIDE = 300; // px that the legend is wide beside the mask
const LEGEND = 212; // and high
const SIDE = 340; // px that the longer side of the mask has at most

export function maskPanel(spec, table, { wrap, svg }) {
  const data = maskOf(spec, table);
  const grid = addPixelGrid(wrap, spec);
  const brush = createBrush(spec, grid, (state) => seenOf(data, state));
  let view;
  return {
    covers: "gradient",
    touch: "pan-y",
    height: (width) => maskHeight(data, width),
    layout(width, height) {
      view = layoutMask(data, svg, width, height);
      grid.place(view.box, width, height);
    },
    draw(state) {
      const seen = seenOf(data, state);
      brush.follow(state.index.painted);
      grid.tell(seen);
      data.numbers.forEach((series, k) => setText(view.readouts[k], numberText(data, seen, series, state)));
      drawTarget(view, seen, spec);
      const gradient = gradientOf(data, seen, state);
      drawPixels(data, view, seen, gradient, state);
      drawLegend(data, view.legend, seen, gradient, state);
    },
    grab: (x, y, state) => brush.grab(pixelAt(view, x, y), (px, py) => pixelAt(view, px, py, true), state),
    describe: (state) => maskWords(data, state).join("; "),
    rows: (state) => maskRows(data, state),
    presses: brush.presses,
    typed: brush.typed,
  };
}

// --- what the tables say of a setting

function maskOf(spec, table) {
  const count = spec.rows * spec.columns;
  const first = spec.series.filter((s) => s.at.target === 0);
  const of = (role) => first.filter((s) => s.role === role);
  return {
    spec,
    count,
    row: rowReader(spec, table),
    numbers: [...of("loss"), ...of("readout")],
    targets: spec.targets.map(({ mask }) => bitsOf(mask, count)),
  };
}

/** A setting: the pixels by kind, their counts, and the row of each pair of counts. */
function seenOf({ spec, count, targets }, { index }) {
  const place = index.target ?? 0;
  const target = targets[place];
  const bits = bitsOf(index.painted, count);
  const counts = [0, 0, 0, 0];
  const kinds = bits.map((bit, k) => 2 * (1 - target[k]) + (1 - bit));
  for (const kind of kinds) counts[kind]++;
  const loss = spec.losses[index.show ?? 0];
  return {
    place,
    target,
    bits,
    kinds,
    counts,
    pair: counts[0] * (counts[2] + counts[3] + 1) + counts[2],
    loss,
    label: `∂${loss}/∂${spec.variable}`,
    reach: spec.reach[loss][place],
    digits: spec.gradDigits[loss][place],
    write: WRITTEN[index.write],
  };
}

/** The series of this role and name over the present target. */
const overTarget = ({ spec }, seen, role, name) =>
  spec.series.find((s) => s.role === role && s.name === name && s.at.target === seen.place);

function numberText(data, seen, { role, name }, { index }) {
  const series = overTarget(data, seen, role, name);
  const row = data.row(series, index);
  if (series.form === "counts") return format(row[seen.pair], data.spec.digits);
  return format(
    seen.bits.reduce((sum, bit, k) => (bit ? sum + row[k + 1] : sum), row[0]),
    data.spec.digits,
  );
}

/** The gradient of a loss: at each kind of pixel, where it has one number for each, and at each pixel. */
function gradientOf(data, seen, { index }, loss = seen.loss) {
  const series = overTarget(data, seen, "grad", loss);
  const row = data.row(series, index);
  const { bits, kinds, pair } = seen;
  if (series.form === "pixels") return { byKind: null, at: (k) => row[bits[k] * data.count + k] };
  const byKind = [0, 1, 2, 3].map((kind) => row[(kind * row.length) / 4 + pair]);
  return { byKind, at: (k) => byKind[kinds[k]] };
}

/** The gradients at the pixels of a kind: one number, or several in ascending order. */
function slopesOf({ byKind, at }, { kinds, counts }, kind) {
  if (!counts[kind]) return [];
  if (byKind) return [byKind[kind]];
  return Float32Array.from({ length: kinds.length }, (_, k) => at(k))
    .filter((_, k) => kinds[k] === kind)
    .sort();
}

/** The gradient at each kind of pixel: one number, or the smallest and the largest; empty without pixels. */
const pushTexts = (gradient, seen, digits) =>
  PIXEL_KINDS.map((_, kind) => {
    const slopes = slopesOf(gradient, seen, kind);
    if (!slopes.length) return "";
    return [...new Set([slopes[0], slopes[slopes.length - 1]].map((slope) => format(slope, digits)))].join(" to ");
  });

/** How strong a colour is, in LEVELS; 0 where there is none. */
const levelOf = (slope, reach) =>
  isFinite(slope) ? Math.floor(LEVELS * clamp(Math.abs(slope) / reach, 0, 1) + 0.5) : 0;

// --- the layout

function maskHeight({ spec, numbers }, width) {
  const wanted = Math.max(...numbers.map((s) => 9 * (s.name.length + 9)));
  const columns = clamp(Math.floor(width / wanted), 1, numbers.length);
  const head = 14 + 22 * Math.ceil(numbers.length / columns);
  const isWide = width >= 560;
  const size = Math.min(
    (isWide ? width - BESIDE - 36 : width - 4) / spec.columns,
    SIDE / Math.max(spec.rows, spec.columns),
  );
  return isWide ? head + Math.max(LEGEND, size * spec.rows + 4) : head + size * spec.rows + 14 + LEGEND;
}

function layoutMask(data, svg, width, height) {
  const { spec } = data;
  svg.replaceChildren();
  const headLine = drawReadouts(svg, data.numbers, width);
  const head = headLine.height + 10;
  const isWide = width >= 560;
  const [broad, tall] = isWide ? [width - BESIDE - 36, height - head - 4] : [width - 4, height - head - 14 - LEGEND];
  const size = Math.min(broad / spec.columns, tall / spec.rows);
  const x0 = isWide ? 2 : 2 + (broad - size * spec.columns) / 2;
  const box = { x0, x1: x0 + size * spec.columns, y0: head, y1: head + size * spec.rows };
  const view = { box, size, readouts: headLine.texts, arrows: arrowsOf(size), target: null };
  view.pixels = Array.from({ length: data.count }, (_, k) =>
    addPixel(svg, box.x0 + size * (k % spec.columns), box.y0 + size * Math.floor(k / spec.columns), size),
  );
  const path = { transform: `translate(${box.x0} ${box.y0})` };
  view.outlines = ["outline-rim", "outline-line"].map((name) => make(svg, "path", { ...path, class: name }));
  make(svg, "rect", { class: "grab pixels", x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 });
  const legend = isWide ? { x: box.x1 + 34, y: head } : { x: 2, y: box.y1 + 14 };
  view.legend = layoutLegend(data, svg, { ...legend, width: isWide ? BESIDE : width - 4 });
  return view;
}

/** The pixel below a place; with `nearest` the one that is nearest to it, else −1 outside. */
function pixelAt({ box, size }, x, y, nearest = false) {
  const [columns, rows] = [Math.round((box.x1 - box.x0) / size), Math.round((box.y1 - box.y0) / size)];
  const [column, row] = [Math.floor((x - box.x0) / size), Math.floor((y - box.y0) / size)];
  if (!nearest && (column < 0 || column >= columns || row < 0 || row >= rows)) return -1;
  return clamp(row, 0, rows - 1) * columns + clamp(column, 0, columns - 1);
}

/** The arrows of each level around the middle of a pixel, up and down. */
function arrowsOf(size) {
  const arrow = (level, sign) => {
    const half = Math.round(10 * (0.1 + (0.1 * level) / LEVELS) * size) / 10;
    return `M0 ${sign * half}L${-half} ${-sign * half}H${half}z`;
  };
  return Array.from({ length: LEVELS + 1 }, (_, level) => ({ up: arrow(level, -1), down: arrow(level, 1) }));
}

function addPixel(svg, x, y, size) {
  const middle = `translate(${x + size / 2} ${y + size / 2})`;
  return {
    colour: make(svg, "rect", { x, y, width: size, height: size }),
    tile: make(svg, "rect", { transform: middle }),
    arrow: make(svg, "path", { transform: middle }),
    text: make(svg, "text", { x: x + size / 2, y: y + size / 2 + 4, "text-anchor": "middle" }),
  };
}

function layoutLegend({ spec }, svg, { x, y, width }) {
  const right = x + width;
  const end = { "text-anchor": "end" };
  const title = make(svg, "text", { class: "name key", x, y: y + 12 });
  make(svg, "text", { x: right, y: y + 12, ...end }, "pixels");
  const kinds = PIXEL_KINDS.map((label, kind) => {
    const line = y + 24 + 26 * kind;
    const pixel = addPixel(svg, x, line, 20);
    if (kind < 2) make(svg, "rect", { class: "outline-line", x, y: line, width: 20, height: 20 });
    make(svg, "text", { x: x + 30, y: line + 14 }, label);
    const push = make(svg, "text", { class: "value", x: right - 38, y: line + 14, ...end });
    return { pixel, push, count: make(svg, "text", { class: "value", x: right, y: line + 14, ...end }) };
  });
  const bar = make(svg, "g", {});
  const ends = layoutBar(bar, spec, { x0: x, x1: right, y0: y + 138, y1: y + 150 });
  const cover = make(svg, "text", { class: "halo", x, y: y + 150 }, "Predict the gradient, then reveal");
  const [low, high] = spec.levels;
  fit(make(svg, "text", { x, y: y + 204 }, `${spec.variable} = ${high} where painted, ${low} elsewhere`), width);
  return { title, kinds, bar, ends, cover, width, small: arrowsOf(20) };
}

/** The bar of colours, with what a step against the gradient does; returns the texts at its ends. */
function layoutBar(bar, { variable }, { x0, x1, y0, y1 }) {
  const middle = (x0 + x1) / 2;
  const width = (middle - x0) / LEVELS;
  for (let k = 0; k < LEVELS; k++) {
    const look = { y: y0, width, height: y1 - y0, "fill-opacity": (k + 1) / LEVELS };
    make(bar, "rect", { ...look, class: "colour loss", x: middle - (k + 1) * width });
    make(bar, "rect", { ...look, class: "colour grad", x: middle + k * width });
  }
  make(bar, "rect", { class: "frame", x: x0, y: y0, width: x1 - x0, height: y1 - y0 });
  make(bar, "text", { x: middle, y: y1 + 15, "text-anchor": "middle" }, "0");
  make(bar, "text", { x: x0, y: y1 + 32 }, `▲ a step raises ${variable}`);
  make(bar, "text", { x: x1, y: y1 + 32, "text-anchor": "end" }, `a step lowers ${variable} ▼`);
  return [make(bar, "text", { x: x0, y: y1 + 15 }), make(bar, "text", { x: x1, y: y1 + 15, "text-anchor": "end" })];
}

// --- what moves

function drawTarget(view, { target, place }, { columns }) {
  if (view.target === place) return;
  view.target = place;
  const d = outlineOf(target, columns, view.size);
  for (const path of view.outlines) setAll(path, { d });
}

function drawPixels(data, view, seen, gradient, { revealed }) {
  const digits = Math.floor((0.84 * view.size) / 6.2) - 2; // that a pixel has room for
  const write = seen.write === "number" && digits < 1 ? "arrow" : seen.write;
  const lookAt = (slope, isPainted) => {
    const level = revealed ? levelOf(slope, seen.reach) : 0;
    const text = write === "number" && revealed ? inPixel(slope, Math.min(seen.digits, digits)) : "";
    return { slope, level, isPainted, write, text, key: `${level} ${slope < 0} ${isPainted} ${text}` };
  };
  const looks = gradient.byKind?.map((slope, kind) => lookAt(slope, kind % 2 === 0));
  const isNew = view.written !== write;
  view.written = write;
  view.pixels.forEach((pixel, k) => {
    const look = looks ? looks[seen.kinds[k]] : lookAt(gradient.at(k), seen.bits[k] === 1);
    if (pixel.key === look.key && !isNew) return;
    pixel.key = look.key;
    drawPixel(pixel, view.size, view.arrows, look);
    setText(pixel.text, look.text);
    if (look.text) setAll(pixel.text, { class: `in-pixel ${inkOn(look.level, look.isPainted)}` });
  });
}

const OPACITIES = Array.from({ length: LEVELS + 1 }, (_, level) => String(level / LEVELS));

/** The colour of its gradient, a tile where it is painted, and the arrow of its push. */
function drawPixel({ colour, tile, arrow }, size, arrows, { slope, level, isPainted, write }) {
  setAll(colour, { class: slope < 0 ? "colour loss" : "colour grad", "fill-opacity": OPACITIES[level] });
  show(tile, isPainted);
  if (isPainted) setAll(tile, tileOf((write === "number" ? 0.43 : 0.3) * size)); // a number needs a larger one
  const isPushed = write === "arrow" && level > 0;
  show(arrow, isPushed);
  if (isPushed) setAll(arrow, { d: arrows[level][slope < 0 ? "up" : "down"], class: inkOn(level, isPainted) });
}

/** What is read on the tile, or on a colour of this level, in both themes. */
const inkOn = (level, isPainted) => (isPainted || level > 20 ? "ink-paper" : level > 13 ? "ink-dark" : "ink-plain");

const tileOf = (half) => ({ class: "tile", x: -half, y: -half, width: 2 * half, height: 2 * half });

/** A number without its leading 0; none where so many digits would not tell it from 0. */
function inPixel(slope, digits) {
  const text = format(slope, digits).replace("0.", ".");
  return slope === 0 || /[^−0.]/.test(text) ? text : "";
}

function drawLegend(data, { title, kinds, bar, ends, cover, width, small }, seen, gradient, { revealed }) {
  const found = data.spec.found[seen.loss];
  const text = found ? `${seen.label}, by ${found}` : seen.label;
  if (title.lossvizText !== text) {
    setText(title, text);
    fit(title, width - 50);
  }
  const pushes = pushTexts(gradient, seen, seen.digits);
  kinds.forEach(({ pixel, push, count }, kind) => {
    const slopes = slopesOf(gradient, seen, kind);
    const slope = slopes.length ? slopes.reduce((sum, one) => sum + one, 0) / slopes.length : 0;
    const level = revealed ? levelOf(slope, seen.reach) : 0;
    drawPixel(pixel, 20, small, { slope, level, isPainted: kind % 2 === 0, write: "arrow" });
    setText(push, revealed || !pushes[kind] ? pushes[kind] : "?");
    setText(count, String(seen.counts[kind]));
  });
  show(bar, revealed);
  show(cover, !revealed);
  const reach = format(seen.reach, seen.digits);
  setText(ends[0], `−${reach}`);
  setText(ends[1], reach);
}

// --- the numbers behind the drawing

function maskWords(data, state) {
  const seen = seenOf(data, state);
  const [tp, fn, fp] = seen.counts;
  const words = [`painted ${tp} of ${tp + fn}, ${fp} outside`];
  for (const series of data.numbers) words.push(`${series.name} ${numberText(data, seen, series, state)}`);
  if (!state.revealed) return words;
  const pushes = pushTexts(gradientOf(data, seen, state), seen, seen.digits);
  const said = PIXEL_KINDS.flatMap((kind, k) => (pushes[k] ? [`${kind} ${pushes[k]}`] : []));
  return [...words, `${seen.label} ${said.join(", ")}`];
}

/** A line for the numbers of the mask, and one for the gradients at each kind of pixel. */
function maskRows(data, state) {
  const { spec, numbers } = data;
  const seen = seenOf(data, state);
  const gradients = numbers.map(({ role, name }) => {
    if (role !== "loss") return PIXEL_KINDS.map(() => "");
    const digits = spec.gradDigits[name][seen.place];
    const texts = pushTexts(gradientOf(data, seen, state, name), seen, digits);
    return texts.map((text) => (text && !state.revealed ? "?" : text));
  });
  return {
    head: ["", "pixels", ...numbers.map((s) => s.name)],
    body: [
      ["the mask", String(data.count), ...numbers.map((s) => numberText(data, seen, s, state))],
      ...PIXEL_KINDS.map((label, kind) => [
        `gradient, ${label}`,
        String(seen.counts[kind]),
        ...gradients.map((g) => g[kind]),
      ]),
    ],
  };
}
