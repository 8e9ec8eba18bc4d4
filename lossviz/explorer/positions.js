// Positions of a control. Pure functions.

import { clamp, nearest } from "./numbers.js";

export const isProbe = (name) => ["probe", "probe_x", "probe_y"].includes(name);

// A painted mask has too many positions for a list: each stands for itself, as the text of its bits.

const isMask = (control) => control.type === "mask";

/** Whether a text is one of a mask's positions. */
const fits = (control, text) =>
  typeof text === "string" && text.length === control.start.length && !/[^0-9a-f]/.test(text);

/** The index of the position that a value stands for. */
export function positionOf(control, value) {
  if (isMask(control)) return fits(control, value) ? value : control.start;
  return control.type === "slider" ? nearest(control.values, value) : Math.max(0, control.values.indexOf(value));
}

/** The nearest index that there is. */
export const within = (control, index) =>
  isMask(control) ? positionOf(control, index) : clamp(index, 0, control.values.length - 1);

/** The value of a position. */
export const valueAt = (control, index) => (isMask(control) ? index : control.values[index]);

/** A position as Python writes it. */
export const codeAt = (control, index) => (isMask(control) ? `'${index}'` : control.code[index]);

/** What is said of a position; nothing of a mask, which its panel tells in words. */
export const wordsAt = (control, index) => (isMask(control) ? [] : [`${control.label} ${control.text[index]}`]);

/** The index that a link's text stands for, or null. */
export function indexIn(control, text) {
  if (isMask(control)) return fits(control, text) ? text : null;
  if (control.type === "slider") {
    return text.trim() && isFinite(Number(text)) ? nearest(control.values, Number(text)) : null;
  }
  const index = control.values.findIndex((value) => String(value) === text);
  return index < 0 ? null : index;
}
