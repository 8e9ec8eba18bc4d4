// Runs in the page of each contestant: moves its slider and watches its drawing.

window.bench = (() => {
  const find = (selector) => document.querySelector(selector);

  // What moves a slider to its next position up or down, and what tells one drawing from another.
  const input = () => find(".lossviz input[data-control=beta]");
  const handle = () => find(".widget-slider .noUi-handle");
  const range = {
    position: 0,
    last: () => Number(input().max),
    move(position) {
      input().value = position;
      input().dispatchEvent(new Event("input", { bubbles: true }));
    },
  };
  const keys = {
    position: 0,
    last: () => Number(handle().getAttribute("aria-valuemax")),
    move(position, direction) {
      const key = direction > 0 ? "ArrowRight" : "ArrowLeft";
      handle().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    },
  };
  let canvasDraws = 0;
  const contestants = {
    svg: { slider: range, drawing: () => find(".lossviz path.curve.loss:not(.ghost)").getAttribute("d") },
    img: {
      slider: keys,
      drawing: () => [...document.querySelectorAll(".jp-OutputArea img")].filter((img) => img.complete).at(-1)?.src,
    },
    canvas: { slider: keys, drawing: () => canvasDraws },
  };

  // Called whenever a drawing may have changed.
  let wake = () => {};
  const hint = () => new Promise((resolve) => (wake = resolve));
  new MutationObserver(() => wake()).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("load", () => wake(), true); // a picture is there
  const { drawImage } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    drawImage.apply(this, given);
    if (!this.canvas.isConnected) return; // ipympl's canvas in the background
    canvasDraws += 1;
    wake();
  };

  const frame = () => new Promise(requestAnimationFrame);
  // Called in a frame: a message arrives when its style, layout and paint are done.
  const painted = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  function stepper(slider) {
    let direction = 1;
    return () => {
      if (slider.position === slider.last()) direction = -1;
      if (slider.position === 0) direction = 1;
      slider.position += direction;
      slider.move(slider.position, direction);
    };
  }

  /** One step at a time, at the start of a frame, as a browser hands input to a page. Milliseconds of each step. */
  async function steps(kind, count) {
    const { slider, drawing } = contestants[kind];
    const step = stepper(slider);
    const found = [];
    for (let i = 0; i < count; i++) {
      await rest(30);
      await frame();
      const before = drawing();
      const start = performance.now();
      step();
      const script = performance.now() - start;
      const atOnce = drawing() !== before;
      while (drawing() === before) await hint();
      const changed = atOnce ? script : performance.now() - start;
      if (!atOnce) await frame();
      await painted();
      found.push({ script, changed, painted: performance.now() - start });
    }
    return found;
  }

  /** Steps sent 16 ms apart. `due`: frames that had something new to show, or were left out by the browser. */
  async function sweep(kind, count) {
    const { slider, drawing } = contestants[kind];
    const step = stepper(slider);
    let [sent, due, shown, seen] = [0, 0, 0, 0];
    await rest(300);
    let last = drawing();
    let time = await frame();
    const timer = setInterval(() => {
      step();
      if (++sent === count) clearInterval(timer);
    }, 16);
    for (let quiet = 0; quiet < 30; quiet++) {
      const now = await frame();
      const leftOut = Math.round((now - time) / (1000 / 60)) - 1;
      time = now;
      if (sent > seen) {
        due += 1 + leftOut;
        quiet = 0;
      }
      seen = sent;
      if (drawing() !== last) {
        shown += 1;
        quiet = 0;
      }
      last = drawing();
    }
    return { sent, due, shown };
  }

  return { steps, sweep };
})();
