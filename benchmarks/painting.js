// Runs in a page with a mask: paints all its pixels, one after the other, and times each step.

window.stroke = async (side, strokes) => {
  const svg = document.querySelector(".lossviz .stage > svg");
  const { left, top, width } = svg.querySelector(".grab").getBoundingClientRect();
  svg.setPointerCapture = () => {}; // there is no pointer to capture
  const at = (k) => {
    const [column, row] = [k % side, Math.floor(k / side)];
    const across = row % 2 ? side - 1 - column : column; // to and fro
    return { clientX: left + ((across + 0.5) * width) / side, clientY: top + ((row + 0.5) * width) / side };
  };
  const send = (type, k) =>
    svg.dispatchEvent(new PointerEvent(type, { ...at(k), bubbles: true, button: 0, isPrimary: true, pointerId: 1 }));
  const frame = () => new Promise(requestAnimationFrame);
  const painted = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });

  const found = [];
  document.querySelector(".lossviz [data-act=clear]").click();
  for (let n = 0; n < strokes; n++) {
    send("pointerdown", 0);
    for (let k = 1; k < side * side; k++) {
      await frame();
      const start = performance.now();
      send("pointermove", k);
      const script = performance.now() - start;
      await painted();
      found.push({ script, painted: performance.now() - start });
    }
    send("pointerup", side * side - 1);
  }
  return found;
};
