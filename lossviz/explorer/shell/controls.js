// Sliders, choices and toggles below the drawing.

import { button } from "./button.js";
import { html, make, newId, setAll } from "../elements.js";

/** A slider with its number and the button that sweeps it; returns what shows an index. */
function addSlider({ store, sweep, on, listen, pinches }, grid, control) {
  const { name } = control;
  const row = html(grid, "div", { class: "control" });
  row.toggleAttribute("data-wide", control.label.length > 14); // it would take three lines and more beside two others
  const label = html(row, "label");
  html(label, "span", {}, control.label);
  const last = control.values.length - 1;
  const input = html(label, "input", {
    type: "range",
    min: 0,
    max: last,
    step: 1,
    "aria-label": control.label,
    "data-control": name,
  });
  const output = html(label, "output");
  const play = button(row, { act: "play", text: "▶", title: `Sweep ${control.label}`, listen }, () =>
    sweep.toggle(name),
  );
  play.setAttribute("aria-label", `Sweep ${control.label}`);
  listen(input, "input", () => {
    if (pinches()) return void (input.value = store.state.index[name]);
    sweep.stop();
    store.set(name, Number(input.value));
  });
  listen(input, "focus", () => (store.active = name));
  // A finger that scrolls the page across a slider moves it, before the browser knows what the finger wants; so does
  // the first of two that enlarge the page.
  let putBack = null;
  listen(input, "pointerdown", () => (putBack = store.remember()));
  listen(input, "pointerup", () => (putBack = null));
  const undo = () => {
    putBack?.();
    putBack = null;
  };
  listen(input, "pointercancel", undo);
  on("pinched", undo);
  return (index) => {
    const sweeps = sweep.name === name;
    input.value = index;
    output.textContent = control.text[index];
    setAll(input, { "aria-valuetext": control.text[index] });
    if (play.dataset.on === String(sweeps)) return;
    play.dataset.on = sweeps;
    play.textContent = sweeps ? "❚❚" : "▶";
  };
}

function addChoice({ store, listen }, grid, control) {
  const row = html(grid, "div", { class: "control choice", role: "radiogroup", "aria-label": control.label });
  html(row, "span", {}, control.label);
  const name = newId("choice"); // radio buttons of one name exclude each other on the whole page
  const inputs = control.text.map((text, i) => {
    const label = html(row, "label");
    const input = html(label, "input", { type: "radio", name, "data-control": control.name });
    html(label, "span", {}, text);
    listen(input, "change", () => store.set(control.name, i));
    return input;
  });
  return (index) => (inputs[index].checked = true);
}

function addToggle({ store, listen }, grid, control) {
  const label = html(html(grid, "div", { class: "control toggle" }), "label");
  const input = html(label, "input", { type: "checkbox", "data-control": control.name });
  html(label, "span", {}, control.label);
  listen(input, "change", () => store.set(control.name, input.checked ? 1 : 0));
  return (index) => (input.checked = index === 1);
}

const KINDS = { slider: addSlider, choice: addChoice, toggle: addToggle };

/** All controls of the spec. One with a single position, such as the only row of a map, has nothing to choose. */
export function addControls(shell) {
  const { spec, store, on, root } = shell;
  const grid = html(root, "div", { class: "settings" });
  const shown = {};
  for (const control of spec.controls) {
    if (control.values.length > 1) shown[control.name] = KINDS[control.type](shell, grid, control);
  }
  const show = (name) => shown[name]?.(store.state.index[name]);
  on("moved", show);
  on("swept", show);
  for (const { name } of spec.controls) show(name);
}

/** The curves to compare with, each to be switched off and on. */
export function addChips({ spec, store, on, root, listen }) {
  if (!spec.overlays.length) return;
  const row = html(root, "div", { class: "chips", role: "group", "aria-label": "curves to compare with" });
  const boxes = spec.overlays.map((name, i) => {
    const label = html(row, "label");
    const box = html(label, "input", { type: "checkbox" });
    const line = make(label, "svg", { viewBox: "0 0 26 8", width: 26, height: 8, "aria-hidden": "true" });
    make(line, "path", { d: "M1 4H25", class: `curve other${(i % 4) + 1}` });
    html(label, "span", {}, name);
    return box;
  });
  const show = () => boxes.forEach((box, i) => (box.checked = !store.state.hidden.has(spec.overlays[i])));
  for (const box of boxes)
    listen(box, "change", () => store.setHidden(spec.overlays.filter((_, i) => !boxes[i].checked)));
  on("hidden", show);
  show();
}
