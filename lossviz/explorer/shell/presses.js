// The buttons that a panel has of its own, below its drawing.

import { button } from "./button.js";
import { html } from "../elements.js";

export function addPresses({ panel, store, sweep, root, listen }) {
  if (!panel.presses) return;
  const { words, buttons } = panel.presses;
  const row = html(root, "div", { class: "presses", role: "group", "aria-label": words });
  html(row, "span", {}, words);
  for (const { press, ...look } of buttons) {
    button(row, { ...look, listen }, () => {
      sweep.stop();
      store.move(press(store.state));
    });
  }
}
