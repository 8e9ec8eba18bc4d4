// A sweep moves one control from end to end and back, until something stops it.

const PASS = 4000; // ms of one sweep from end to end
const CALM = 600; // ms of a step for readers who asked for less motion

export function addSweep({ spec, store, tell, listen }) {
  let frame = 0;
  let step = 1;
  const sweep = { name: null, start, stop, toggle: (name) => (sweep.name === name ? stop() : start(name)) };

  function start(name) {
    stop();
    const count = store.byName[name].values.length;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const pace = Math.max(calm ? CALM : 16, PASS / count);
    let due = performance.now();
    sweep.name = name;
    store.rest();
    tell("swept", name);
    const tick = (now) => {
      frame = requestAnimationFrame(tick);
      if (now < due) return;
      due = Math.max(due + pace, now);
      const next = store.state.index[name] + step;
      if (next < 0 || next >= count) step = -step;
      store.set(name, store.state.index[name] + step);
    };
    frame = requestAnimationFrame(tick);
  }

  function stop() {
    if (sweep.name === null) return;
    cancelAnimationFrame(frame);
    const { name } = sweep;
    sweep.name = null;
    tell("swept", name);
  }

  listen(document, "lossviz-stop", stop); // a deck leaves the slide
  return sweep;
}
