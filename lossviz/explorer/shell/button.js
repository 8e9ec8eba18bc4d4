// A button of the explorer. Programs find it by what it does (`data-act`), readers by its words.

import { html } from "../elements.js";

/** `act` names what the button does, `title` says it to the reader. */
export function button(parent, { act, text, title, listen }, action) {
  const element = html(parent, "button", { type: "button", "data-act": act, title }, text);
  listen(element, "click", action);
  return element;
}
