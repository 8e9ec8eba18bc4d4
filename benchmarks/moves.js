// Runs in the page: writes down each value that a slider shows, in the order in which it shows them.

window.moves = (() => {
  const PASS = 4000; // ms of a sweep from end to end
  let observer, element, seen, last;

  // What a screen reader says; both the explorer's sliders and those of ipywidgets have it.
  const number = (text) => Number(text.replace("−", "-"));
  const now = () => number(element.getAttribute("aria-valuetext"));
  const note = (value) => {
    if (value === seen.at(-1)) return;
    seen.push(value);
    last = performance.now();
  };

  function start(selector) {
    observer?.disconnect();
    element = document.querySelector(selector);
    [seen, last] = [[now()], performance.now()];
    observer = new MutationObserver((records) => {
      for (const record of records) note(number(record.oldValue)); // two changes of one task give two records
      note(now());
    });
    observer.observe(element, { attributeFilter: ["aria-valuetext"], attributeOldValue: true });
  }

  const isQuiet = (ms) => performance.now() - last > ms;

  function stop() {
    observer.disconnect();
    return seen;
  }

  /** Sweeps for this long; how many steps are due then, as far as the browser gave frames for them. */
  function sweep(button, ms, positions) {
    const pace = PASS / positions;
    button.click();
    const start = performance.now();
    let [due, next] = [0, start];
    return new Promise((resolve) => {
      const tick = (time) => {
        if (time >= next) {
          due += 1;
          next = Math.max(next + pace, time);
        }
        if (time - start < ms) return requestAnimationFrame(tick);
        button.click();
        resolve(due);
      };
      requestAnimationFrame(tick);
    });
  }

  return { start, isQuiet, stop, sweep };
})();
