// The keyboard. The explorer's keys and whatever is typed belong to it; all other keys are the host's.

const KEPT_BY = [
  // What an element does with a key by itself.
  ["button, summary", [" ", "Enter"]],
  ["input[type=checkbox]", [" "]],
  ["input[type=radio]", [" ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]],
  ["input[type=range], .scroller, code", ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]],
];

export function addKeys({ spec, panel, store, sweep, present, question, root, listen, reset }) {
  const { state } = store;
  const step = (by) => {
    sweep.stop();
    store.set(store.active, state.index[store.active] + by);
  };
  const always = {
    r: () => spec.hideable && store.setRevealed(!state.revealed),
    0: reset,
    f: present.toggle,
    q: question.toggle,
  };
  const moving = {
    " ": () => sweep.toggle(sweep.name ?? store.active),
    ArrowRight: () => step(1),
    ArrowUp: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowDown: () => step(-1),
  };
  // What the buttons of a presenter send.
  const presenting = { Escape: present.toggle, PageDown: () => step(1), PageUp: () => step(-1) };

  const actionOf = ({ key }) => {
    if (present.isOn() && presenting[key] && (key === "Escape" || store.active)) return presenting[key];
    return always[key] ?? (store.active && moving[key]);
  };

  // Before the host's own shortcuts, wherever they listen: in a notebook "d d" would delete the cell.
  const hear = (event) => {
    if (!event.composedPath().includes(root) || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = panel.typed?.(event.key, event.shiftKey, event.composedPath()[0], state) ?? null;
    if (moves) {
      event.stopPropagation();
      event.preventDefault();
      sweep.stop();
      return store.move(moves);
    }
    const keeps = KEPT_BY.some(
      ([selector, keys]) => keys.includes(event.key) && event.composedPath()[0].matches(selector),
    );
    const isKept = keeps && !(event.key === "Enter" && event.shiftKey);
    const action = isKept ? null : actionOf(event);
    const isTyped = event.key.length === 1;
    if (!isKept && !action && !isTyped) return;
    event.stopPropagation();
    if (!action) return;
    event.preventDefault();
    action();
  };
  listen(window, "keydown", hear, true);

  // A notebook takes the focus when one of its cells is clicked; the keys then would not come here.
  listen(root, "click", ({ target }) => {
    if (target.closest("input, button, summary, label, .scroller, code")) return;
    const inDrawing = target.closest(".stage")?.querySelector('[tabindex="0"]');
    (inDrawing ?? root).focus({ preventScroll: true });
  });
}
