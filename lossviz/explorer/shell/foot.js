// Below the controls: the call in torch, a link to the setting, and the numbers behind the drawing.

import { button } from "./button.js";
import { codeAt } from "../positions.js";
import { html } from "../elements.js";
import { addressOf, callOf } from "./link.js";

const SHOWN = 1200; // ms for which a button says that it has copied

/** Puts a text on the clipboard, and says so on the button. */
async function copy(text, element, root, said = "copied") {
  element.dataset.label ??= element.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without clipboard rights (a page from a folder, say) the old command still copies a selection.
    const area = html(root, "textarea", { class: "spoken" }, text);
    area.select();
    document.execCommand("copy");
    area.remove();
    element.focus();
  }
  element.textContent = said;
  setTimeout(() => (element.textContent = element.dataset.label), SHOWN);
}

/** The call with the setting in it. */
function callText({ spec, store }) {
  const code = (whole, name) => (store.byName[name] ? codeAt(store.byName[name], store.state.index[name]) : whole);
  return spec.call.replace(/\{([\p{L}\p{N}_]+)\}/gu, code);
}

/** What runs where it is pasted: the call, below the imports that it needs. */
function runnable(call) {
  const imports = [];
  if (/\btorch\./.test(call)) imports.push("import torch");
  if (/\bF\./.test(call)) imports.push("import torch.nn.functional as F");
  return [...imports, ...(imports.length ? [""] : []), call.replaceAll("; ", "\n")].join("\n");
}

function addCall(shell, footer) {
  const { spec, root, on, listen } = shell;
  if (!spec.call) return html(footer, "span", { class: "fill" });
  const code = html(footer, "code", { tabindex: 0, "aria-label": "PyTorch call" }, callText(shell));
  on("moved", () => (code.textContent = callText(shell)));
  button(footer, { act: "copy", text: "copy", title: "Copy this call with its imports", listen }, (event) =>
    copy(runnable(code.textContent), event.currentTarget, root),
  );
}

/** The table of the drawing's numbers, filled when it is opened. */
function addData({ panel, store, on, listen }, footer) {
  const data = html(footer, "details");
  html(data, "summary", { title: "The numbers behind the drawing" }, "data");
  const scroller = html(data, "div", {
    class: "scroller",
    tabindex: "0",
    role: "region",
    "aria-label": "numbers behind the drawing",
  });

  function fill() {
    if (!data.open) return;
    const { head, body } = panel.rows(store.state);
    const table = document.createElement("table");
    const top = html(html(table, "thead"), "tr");
    head.forEach((text) => html(top, "th", { scope: "col" }, text));
    const lines = html(table, "tbody");
    for (const cells of body) {
      const line = html(lines, "tr");
      cells.forEach((text, i) => html(line, i ? "td" : "th", i ? {} : { scope: "row" }, text));
    }
    scroller.replaceChildren(table);
  }
  listen(data, "toggle", fill);
  on("rested", fill);
}

/** On a page, its address with the setting; in a notebook, whose address restores nothing, a call that does. */
function addLink(shell, footer) {
  const { root, listen } = shell;
  if (callOf(shell) === null)
    return button(footer, { act: "link", text: "link", title: "Copy a link to this setting", listen }, (event) => {
      history.replaceState(history.state, "", addressOf(shell));
      copy(location.href, event.currentTarget, root);
    });
  const title = "Copy the call demo(…), which shows this setting in any notebook of this folder";
  return button(footer, { act: "link", text: "link", title, listen }, (event) =>
    copy(callOf(shell), event.currentTarget, root, "demo(…) copied"),
  );
}

export function addFoot(shell) {
  const footer = html(shell.root, "footer");
  addCall(shell, footer);
  addLink(shell, footer);
  addData(shell, footer);
}
