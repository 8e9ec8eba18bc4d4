// One explorer in a page: what it is made of, and in which order.

import { addChips, addControls } from "./controls.js";
import { addFoot } from "./foot.js";
import { addCutOff } from "./kernel.js";
import { addHead } from "./head.js";
import { addKeys } from "./keys.js";
import { addPointer, countFingers } from "./pointer.js";
import { addPresent } from "./present.js";
import { addPresses } from "./presses.js";
import { addQuestion } from "./question.js";
import { addSpeech } from "./speech.js";
import { addStage, keepDrawn } from "./drawing.js";
import { addSweep } from "./sweep.js";
import { bindModel } from "./sync.js";
import { createBus } from "./bus.js";
import { createStore } from "./store.js";
import { followLinks } from "./link.js";
import { html } from "../elements.js";
import { joinRow } from "./row.js";
import { linkNames } from "../links.js";

/** The table's numbers, wherever the host has put its bytes. */
function tableOf(model) {
  const raw = model.get("table");
  return raw instanceof Float32Array
    ? raw
    : new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
}

/** The element that everything stands in. No section element: on a slide those are slides. */
function addRoot(el, spec) {
  const label = `${spec.title} explorer`;
  return html(el, "div", {
    class: "lossviz",
    "data-explorer": spec.id,
    role: "region",
    "aria-label": label,
    tabindex: "-1",
  });
}

/** What anywidget calls to show a model in an element; returns what removes every trace. */
export function render({ model, el }) {
  const spec = { ...model.get("spec") };
  spec.lengths = Object.fromEntries(spec.controls.map((c) => [c.name, c.values.length]));
  const others = [...document.querySelectorAll(".lossviz")].map((e) => e.dataset.explorer);
  const linkName = el.dataset.link ?? linkNames([...others, spec.id]).at(-1);
  const abort = new AbortController();
  const listen = (target, type, handler, options = {}) =>
    target.addEventListener(type, handler, {
      signal: abort.signal,
      ...(options === true ? { capture: true } : options),
    });

  const root = addRoot(el, spec);
  const shell = { spec, linkName, root, listen, ...createBus(), ...addStage(root, spec, tableOf(model)) };
  shell.context = model.widget_manager?.context; // of the notebook, where one shows it
  shell.store = createStore(spec, model, shell.tell);
  shell.present = addPresent(shell);
  shell.sweep = addSweep(shell);
  Object.assign(shell, addHead(shell));
  shell.question = addQuestion(shell);
  shell.pinches = countFingers(shell);
  addPointer(shell);
  addChips(shell);
  addPresses(shell);
  addControls(shell);
  addFoot(shell);
  const unwatch = addCutOff(shell, model);
  const speech = addSpeech(shell);
  const halt = keepDrawn(shell);
  addKeys(shell);
  joinRow(shell);
  const unbind = bindModel(shell, model);
  speech.describe();
  speech.hush(); // nothing happened yet that would be worth announcing
  followLinks(shell);
  return () => {
    shell.sweep.stop();
    abort.abort();
    halt();
    speech.hush();
    unbind();
    unwatch();
    root.remove();
  };
}
