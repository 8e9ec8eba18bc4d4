// One number as a bar.

import { format } from "../explorer/numbers.js";
import { linear } from "../explorer/geometry.js";
import { make, setAll } from "../explorer/elements.js";
import { rowReader } from "../explorer/lookup.js";

export function toyPanel(spec, table, { svg }) {
  const row = rowReader(spec, table);
  const at = ({ index }) => row(spec.series[0], index)[index.probe];
  const describe = (state) => `${spec.lossLabel} ${format(at(state), spec.digits)}`;
  let bar, X;
  return {
    covers: "",
    touch: "auto",
    height: () => 160,
    layout(width) {
      svg.replaceChildren();
      X = linear(0, spec.range[1], 0, width);
      bar = make(svg, "rect", { class: "toy-bar", x: 0, y: 40, height: 80 });
    },
    draw: (state) => setAll(bar, { width: Math.max(0, X(at(state))) }),
    grab: () => (x) => [["probe", X.invert(x)]],
    describe,
    rows: (state) => ({ head: ["now"], body: [[describe(state)]] }),
  };
}
