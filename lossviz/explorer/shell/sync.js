// The model and the store keep each other up to date.

import { positionOf, valueAt } from "../positions.js";

/** Binds the store to the model; returns what unbinds it, after the last change has left. */
export function bindModel(shell, model) {
  const { spec, store, on } = shell;
  const { state } = store;
  let leaving = false;

  function save() {
    if (!leaving) return;
    leaving = false;
    model.save_changes();
  }

  /**
   * Changes leave before the next message can arrive: a value that the model holds back would be overwritten by the
   * kernel's echo of the one before. While a kernel is busy, the model itself gathers them.
   */
  function push(name, value) {
    if (String(model.get(name)) === String(value)) return;
    model.set(name, value);
    if (!leaving) queueMicrotask(save);
    leaving = true;
  }

  on("moved", (name) => push(name, valueAt(store.byName[name], state.index[name])));
  on("covered", () => push("revealed", state.revealed));
  on("hidden", () => push("hidden", [...state.hidden]));

  const handlers = [];
  const watch = (name, handler) => {
    const event = `change:${name}`;
    const heard = () => handler(model.get(name));
    model.on(event, heard);
    handlers.push([event, heard]);
  };
  for (const control of spec.controls) {
    watch(control.name, (value) => {
      const index = positionOf(control, value);
      // A value between two positions, as a linked slider may send, goes back as the position that is shown.
      const isShown = index === state.index[control.name] && value === valueAt(control, index);
      if (!isShown) store.follow(control.name, index);
    });
  }
  watch("revealed", (value) => value !== state.revealed && store.setRevealed(value));
  watch("hidden", (names) => String(names) !== String([...state.hidden]) && store.setHidden(names));

  return () => {
    save();
    for (const [event, heard] of handlers) model.off(event, heard);
  };
}
