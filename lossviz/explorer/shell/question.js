// The question that a demo asks: above the drawing while it is presented, and away when a button or key says so.

import { button } from "./button.js";
import { html } from "../elements.js";

/** Returns `ask(text)`, the text asked, and `toggle()`, which hides it and shows it again. */
export function addQuestion({ root, listen }) {
  const header = root.querySelector("header");
  const line = html(root, "p", { class: "question", role: "note" });
  header.after(line);
  const toggle = () => {
    line.hidden = !line.hidden;
    asks.textContent = line.hidden ? "question" : "hide question";
  };
  const title = "Show or hide the question (key q)";
  const asks = button(header, { act: "question", text: "hide question", title, listen }, toggle);
  asks.hidden = true;
  header.querySelector(".fill").after(asks);
  return {
    text: () => line.textContent,
    toggle: () => line.textContent && toggle(),
    ask(text) {
      line.textContent = text;
      line.hidden = false;
      asks.textContent = "hide question";
      asks.hidden = !text;
    },
  };
}
