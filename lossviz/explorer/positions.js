// Positions of a control. Pure functions.

import { nearest } from "./numbers.js";

export const isProbe = (name) => ["probe", "probe_x", "probe_y"].includes(name);

/** The index of the position that a value stands for. */
export function positionOf(control, value) {
  return control.type === "slider" ? nearest(control.values, value) : Math.max(0, control.values.indexOf(value));
}
