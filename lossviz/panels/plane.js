// Points in the plane, each with the step that its gradient asks for.

import { make, setAll, setText, show } from "../explorer/elements.js";
import { arrowPath, linear, namePlaces } from "../explorer/geometry.js";
import { clamp, format, ticks } from "../explorer/numbers.js";
import { rowOf } from "../explorer/lookup.js";
import { clipBox, drawAxes, drawReadouts } from "./parts.js";

export function planePanel(spec, table, stage) {
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
    covers: "gradient",
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
