// Groups of bars, one bar a label.

import { fit, make, setAll, setText, show } from "../explorer/elements.js";
import { linear } from "../explorer/geometry.js";
import { clamp, format, ticks } from "../explorer/numbers.js";
import { rowOf } from "../explorer/lookup.js";
import { drawAxes, drawReadouts } from "./parts.js";

export function barsPanel(spec, table, stage) {
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
    covers: "", // bars may hide anything
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
