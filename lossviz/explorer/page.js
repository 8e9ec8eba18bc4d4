// The explorers of a page without a kernel.

import { linkNames, readFragment } from "./links.js";
import { unpack } from "./lookup.js";
import { render } from "./shell/render.js";

/** Stands in for the widget's model where no kernel runs: it holds the state and tells nobody. */
function pageModel(fields) {
  return {
    get: (name) => fields[name],
    set: (name, value) => (fields[name] = value),
    on() {},
    off() {},
    save_changes() {},
  };
}

const NEAR = "800px"; // how far from the screen an explorer comes to life

/** Brings the explorers of a page to life, each when it comes near the screen or a link leads to it. */
export function mountAll(page) {
  // Each explorer of a page brings this code: the first to come does the work.
  const hosts = [...page.querySelectorAll(".lossviz-page:not([data-alive])")];
  if (!hosts.length) return;
  const awake = new Map();
  const wake = (host) => {
    if (awake.has(host)) return awake.get(host);
    observer.unobserve(host);
    host.dataset.alive = "";
    const mounted = mount(host).catch((error) => {
      console.error(error);
      host.querySelector(".lossviz")?.remove(); // half drawn: the picture stands for it
    });
    awake.set(host, mounted);
    return mounted;
  };
  const observer = new IntersectionObserver((entries) => entries.forEach((e) => e.isIntersecting && wake(e.target)), {
    rootMargin: NEAR,
  });
  const names = linkNames(hosts.map((host) => host.dataset.explorer));
  const wakeLinked = () => hosts.forEach((host) => readFragment(location.hash, host.dataset.link) && wake(host));
  hosts.forEach((host, i) => {
    Object.assign(host.dataset, { alive: "waiting", link: names[i] });
    observer.observe(host);
  });
  wakeLinked();
  addEventListener("hashchange", wakeLinked);
  // A browser does not wait for what begins before it prints, so its key and the page's button print only when all
  // are there; from the browser's menu those that were near are.
  addEventListener("beforeprint", () => hosts.forEach(wake));
  const print = window.print.bind(window);
  window.print = () => Promise.all(hosts.map(wake)).then(print);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "p" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    window.print();
  });
}

async function mount(host) {
  const { spec, state, data } = JSON.parse(host.querySelector("script[type='application/json']").textContent);
  const table = await unpack(data, spec.series);
  const still = host.querySelector(".lossviz-still");
  // The page changes its height once: a browser that keeps its place in the text loses it when a drawing is measured
  // while the picture stands beside it. And the drawing stands where it will stay when a link scrolls to it.
  Object.assign(host.style, { height: `${host.offsetHeight}px`, overflow: "clip" });
  still.style.position = "absolute";
  try {
    render({ model: pageModel({ spec, table, ...state }), el: host });
    still.remove(); // only now: should anything fail, the picture stays
  } finally {
    still.style.position = "";
    Object.assign(host.style, { height: "", overflow: "" });
  }
}
