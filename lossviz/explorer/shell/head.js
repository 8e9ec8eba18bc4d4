// The title, and the buttons that reveal, reset and present.

import { button } from "./button.js";
import { html } from "../elements.js";

/** The head line; returns the button that presents. */
export function addHead({ spec, panel, store, sweep, on, root, listen, present }) {
  const header = html(root, "header");
  root.prepend(header);
  html(header, "b", {}, spec.title);
  html(header, "span", { class: "fill" });
  if (spec.hideable) {
    const what = panel.covers ? `the ${panel.covers}` : "what is covered";
    const toggle = () => store.setRevealed(!store.state.revealed);
    const reveal = button(header, { act: "reveal", text: "", title: `Show or hide ${what} (key r)`, listen }, toggle);
    const show = () => {
      reveal.dataset.on = store.state.revealed;
      reveal.textContent = [store.state.revealed ? "hide" : "reveal", panel.covers].join(" ").trim();
    };
    on("covered", show);
    show();
  }
  const reset = () => {
    sweep.stop();
    store.reset();
  };
  button(header, { act: "reset", text: "reset", title: "Back to the first setting (key 0)", listen }, reset);
  const open = button(
    header,
    { act: "present", text: "present", title: "Full screen, for a projector (key f)", listen },
    present.toggle,
  );
  on("presented", (isOn) => (open.textContent = isOn ? "close" : "present"));
  return { reset };
}
