// What readers hear who do not see the drawing: its words on the drawing, and an announcement when it rests.

import { html } from "../elements.js";
import { wordsAt } from "../positions.js";

const REST = 400; // ms without a change after which the numbers are announced

export function addSpeech({ spec, panel, store, svg, root, on, tell }) {
  const { state } = store;
  const live = html(root, "div", { class: "spoken", "aria-live": "polite" });
  let timer = 0;
  let due = 0;

  function describe() {
    const settings = spec.controls.flatMap((c) => wordsAt(c, state.index[c.name])).join(", ");
    const text = `${settings}: ${panel.describe(state)}`;
    svg.setAttribute("aria-label", `${spec.title}. ${text}`);
    return text;
  }
  function speak() {
    const left = due - performance.now();
    timer = left > 0 ? setTimeout(speak, left) : 0; // one timer that waits on costs less than a new one a step
    if (timer) return;
    const text = describe();
    if (live.textContent !== text) live.textContent = text;
    tell("rested");
  }
  on("changed", () => {
    due = performance.now() + REST;
    timer ||= setTimeout(speak, REST);
  });
  const hush = () => {
    clearTimeout(timer);
    timer = 0;
  };
  return { describe, hush };
}
