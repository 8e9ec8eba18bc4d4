// Where the controls stand, what is covered and what is hidden. Every change goes through here.

import { isProbe, positionOf, within } from "../positions.js";

const GHOST_AFTER = 700; // ms of rest after which a new move counts as a new gesture and leaves a ghost

const movable = (control) => control.type === "slider" && control.values.length > 1;

/** The state of one explorer, as the model has it at first. It tells "moved", "covered", "hidden" and "changed". */
export function createStore(spec, model, tell) {
  const byName = Object.fromEntries(spec.controls.map((c) => [c.name, c]));
  const index = Object.fromEntries(spec.controls.map((c) => [c.name, positionOf(c, model.get(c.name))]));
  const state = { index, revealed: model.get("revealed"), hidden: new Set(model.get("hidden")), ghost: null };
  let lastMove = -Infinity;

  const store = {
    byName,
    state,
    active: spec.active ?? spec.controls.find(movable)?.name, // the slider that the keys move

    /** Moves a control by the reader's hand, to the nearest index there is. */
    set(name, to) {
      const control = byName[name];
      if (control.type === "slider") store.active = name;
      const target = within(control, to);
      if (state.index[name] === target) return;
      // A probe moves along the curves: only what moves the curves themselves leaves a ghost, and begins a gesture.
      if (!isProbe(name)) {
        const now = performance.now();
        if (now - lastMove > GHOST_AFTER) state.ghost = { ...state.index };
        lastMove = now;
      }
      store.follow(name, target);
    },

    /** Takes a control to where the model, or another explorer, has moved it. */
    follow(name, to) {
      state.index[name] = to;
      tell("moved", name);
      tell("changed");
    },

    setRevealed(value) {
      state.revealed = value;
      tell("covered");
      tell("changed");
    },

    setHidden(names) {
      state.hidden = new Set(names);
      tell("hidden");
      tell("changed");
    },

    /** A new gesture begins: the next move leaves a ghost. */
    rest: () => (lastMove = -Infinity),

    /** Takes the ghost away. */
    forget() {
      state.ghost = null;
      tell("changed");
    },

    /** What a gesture found; the function takes it back, as if nothing had happened. */
    remember: () => remember(store, spec, tell),
  };
  return Object.assign(store, createHome(store, spec), { move: mover(store) });
}

/** Moves controls by the reader's hand, each to the position that is nearest to a value. */
const mover = (store) => (moves) => {
  for (const [name, value] of moves) store.set(name, positionOf(store.byName[name], value));
};

function remember(store, spec, tell) {
  const { state } = store;
  const before = { index: { ...state.index }, ghost: state.ghost, active: store.active };
  return () => {
    for (const { name } of spec.controls) {
      if (state.index[name] !== before.index[name]) store.follow(name, before.index[name]);
    }
    store.active = before.active;
    state.ghost = before.ghost;
    tell("changed");
  };
}

/** Where "reset" leads: the first setting, or that of the link by which the reader came. */
function createHome(store, spec) {
  const start = Object.fromEntries(spec.controls.map((c) => [c.name, c.start]));
  let home = { index: start, revealed: spec.revealed, hidden: spec.hidden };
  return {
    reset() {
      for (const { name } of spec.controls) store.follow(name, home.index[name]);
      store.setHidden(home.hidden);
      store.setRevealed(home.revealed);
      store.forget();
    },

    /** From now on "reset" leads to the present setting. */
    settle() {
      const { index, revealed, hidden } = store.state;
      home = { index: { ...index }, revealed, hidden: [...hidden] };
    },
  };
}
