// The drawing: its panel, its size, and when it is drawn anew.

import { html, make } from "../elements.js";
import { clamp } from "../numbers.js";
import { PANELS } from "../../panels/list.js";

const NARROW = 560; // px; the width at which panels change their layout too

/** Makes the stage and the panel that draws on it. */
export function addStage(root, spec, table) {
  const wrap = html(root, "div", { class: "stage" });
  const svg = make(wrap, "svg", { role: "img" });
  const panel = PANELS[spec.kind](spec, table, { wrap, svg });
  svg.style.touchAction = panel.touch;
  return { wrap, svg, panel };
}

/** Draws on "changed" and on "resized"; returns what stops it. */
export function keepDrawn({ spec, root, wrap, svg, panel, store, present, on }) {
  let lastSize = "";
  let opens = spec.present === true; // in present mode, as soon as it stands on the page

  /** On a projector the drawing is laid out small and scaled up, so that its type grows with the screen. */
  function layout(box) {
    const larger = Number(getComputedStyle(root).getPropertyValue("--drawn-larger")) || 1; // on slides
    if (!present.isOn()) return { scale: larger, height: panel.height(box.width) };
    return { scale: clamp(Math.min(box.width / 760, box.height / 310), 1, 4), height: box.height };
  }

  /** The stage's size. A narrow window, as one enlarged four times, scrolls to a drawing that can be read. */
  function measure() {
    const isNarrow = present.isOn() && wrap.clientWidth < NARROW;
    wrap.style.minHeight = isNarrow ? `${panel.height(wrap.clientWidth)}px` : "";
    return { width: wrap.clientWidth, height: wrap.clientHeight };
  }

  function resize() {
    // Not its rectangle on the screen: a slide is scaled, and the drawing with it.
    const box = measure();
    if (!box.width) return;
    if (opens) queueMicrotask(present.toggle);
    opens = false;
    const { scale, height: full } = layout(box);
    const [width, height] = [Math.round(box.width / scale), Math.round(full / scale)];
    if (lastSize === `${width} ${height}`) return;
    lastSize = `${width} ${height}`;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    panel.layout(width, height);
    panel.draw(store.state);
  }

  // Before the first layout there is nothing to draw into.
  on("changed", () => lastSize && panel.draw(store.state));
  on("resized", resize);
  const observer = new ResizeObserver(resize);
  observer.observe(wrap);
  resize();
  return () => observer.disconnect();
}
