// Links into a setting: the address of the present one, and the way back from an address.

import { linkNames, readFragment, writeFragment } from "../links.js";
import { indexIn, valueAt } from "../positions.js";

/** The present setting as the end of an address. Its last slider is the one that the keys move. */
export function addressOf({ spec, store, linkName, present, question }, name = linkName) {
  const { state, active } = store;
  const order = [...spec.controls.filter((c) => c.name !== active), ...spec.controls.filter((c) => c.name === active)];
  const fields = Object.fromEntries(order.map((c) => [c.name, [valueAt(c, state.index[c.name])]]));
  fields.hidden = [...state.hidden];
  fields.revealed = [state.revealed];
  if (present.isOn()) {
    fields.present = [true];
    if (question.text()) fields.ask = [question.text()];
  }
  return writeFragment(name, fields);
}

/** The explorer's name among those of its notebook, which may not be the only one on the screen. */
function nameIn(notebook, root) {
  const all = [...notebook.querySelectorAll(".lossviz")];
  return linkNames(all.map((e) => e.dataset.explorer))[all.indexOf(root)];
}

/** The call that shows the present setting in a notebook; null outside of one, or where its host hides its name. */
export function callOf(shell) {
  const { spec, root, context } = shell;
  const page = spec.from?.page ?? context?.localPath ?? context?.path;
  if (!page || !context) return null;
  const name = spec.from?.name ?? nameIn(root.closest(".jp-Notebook") ?? document, root);
  return `from lossviz import demo\ndemo(${JSON.stringify(page + addressOf(shell, name))})`;
}

function moveTo(store, control, text) {
  const index = indexIn(control, text);
  if (index !== null) store.set(control.name, index);
}

/** Takes the explorer to the setting that the address names, now and whenever the address changes. */
export function followLinks({ spec, store, root, listen, linkName, present, question }) {
  function restore() {
    const fields = readFragment(location.hash, linkName);
    if (!fields) return;
    for (const [name, [text]] of Object.entries(fields))
      if (store.byName[name]) moveTo(store, store.byName[name], text);
    if (fields.revealed) store.setRevealed(fields.revealed[0] === "true");
    store.setHidden(spec.overlays.filter((name) => (fields.hidden ?? []).includes(name)));
    store.forget();
    store.settle();
    root.scrollIntoView({ block: root.offsetHeight < innerHeight - 120 ? "center" : "start", behavior: "instant" });
    question.ask(fields.ask?.[0] ?? "");
    if (fields.present?.[0] === "true" && !present.isOn()) present.toggle();
  }
  question.ask(spec.ask ?? "");
  listen(window, "hashchange", restore);
  restore();
}
