// Dragging in the drawing, with a mouse, a pen or one finger.

/** Where a pointer is, in the units of the drawing. */
function unitsIn(svg, event) {
  const box = svg.getBoundingClientRect();
  const view = svg.viewBox.baseVal;
  const scale = Math.min(box.width / view.width, box.height / view.height);
  const place = (client, start, size, units) => (client - start - (size - units * scale) / 2) / scale;
  return [
    place(event.clientX, box.left, box.width, view.width),
    place(event.clientY, box.top, box.height, view.height),
  ];
}

/** Counts the fingers on the explorer: two of them enlarge the page, and move nothing. */
export function countFingers({ root, tell, listen }) {
  const fingers = new Set();
  const lift = (event) => fingers.delete(event.pointerId);
  listen(
    root,
    "pointerdown",
    (event) => {
      if (event.pointerType !== "touch") return;
      if (event.isPrimary) fingers.clear(); // those of before went up elsewhere
      fingers.add(event.pointerId);
      if (fingers.size > 1) tell("pinched");
    },
    true,
  );
  listen(window, "pointerup", lift);
  listen(window, "pointercancel", lift);
  return () => fingers.size > 1;
}

export function addPointer({ svg, panel, store, sweep, on, listen, pinches }) {
  let drag = null;
  let held = false; // by its handle
  let putBack = null;

  function cancel() {
    drag?.cancel?.();
    if (drag) putBack();
    drag = null;
  }
  const dragTo = (event) => store.move(drag(...unitsIn(svg, event)));
  listen(svg, "pointerdown", (event) => {
    if (event.button !== 0 || pinches()) return;
    drag = panel.grab(...unitsIn(svg, event), store.state);
    if (!drag) return;
    sweep.stop();
    putBack = store.remember();
    held = event.target.matches(".grab, .target-hit, .handle");
    svg.setPointerCapture(event.pointerId);
    dragTo(event);
  });
  listen(svg, "pointermove", (event) => drag && dragTo(event));
  listen(svg, "pointerup", () => (drag = null));
  // A finger that scrolls the page leaves the setting as it was.
  listen(svg, "pointercancel", cancel);
  on("pinched", cancel);
  // A finger on a handle drags it, up and down too; touch-action has no effect inside a drawing.
  listen(svg, "touchmove", (event) => drag && held && event.cancelable && event.preventDefault(), { passive: false });
}
