// Tells what the drawings of explorers say: reads [{spec, table, state}] as JSON, writes a list of texts for each.
import { readFileSync } from "node:fs";
import { PANELS } from "../../lossviz/panels/list.js";
import { stage } from "./page.mjs";

const WIDTH = 740; // px, as wide as a still

/** The texts of an element and of all below it, but for those that are not shown. */
function textsOf({ style, textContent, children }) {
  return style.display === "none" ? [] : [textContent.trim(), ...children.flatMap(textsOf)].filter(Boolean);
}

function drawn({ spec, table, state }) {
  const on = stage();
  const numbers = new Float32Array(new Uint8Array(Buffer.from(table, "base64")).buffer);
  const lengths = Object.fromEntries(spec.controls.map((c) => [c.name, c.values.length]));
  const panel = PANELS[spec.kind]({ ...spec, lengths }, numbers, on);
  panel.layout(WIDTH, Math.round(panel.height(WIDTH)));
  panel.draw({ ...state, hidden: new Set(state.hidden), ghost: null });
  return textsOf(on.wrap);
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(drawn)));
