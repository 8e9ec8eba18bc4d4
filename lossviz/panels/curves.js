// A curve, its gradient below, and a probe to drag along it.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { linePath, linear, spread } from "../explorer/geometry.js";
import { beyond, clamp, format, ticks } from "../explorer/numbers.js";
import { isProbe } from "../explorer/positions.js";
import { rowOf } from "../explorer/lookup.js";
import { clipBox, drawAxes } from "./parts.js";

export function curvesPanel(spec, table, stage) {
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
    covers: "gradient",
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
