// Geometry: scales, paths and places on the drawing. Pure functions.

import { clamp } from "./numbers.js";

/** A scale from the domain d0…d1 to the range r0…r1; `invert` goes back. */
export function linear(d0, d1, r0, r1) {
  const scale = (value) => r0 + ((value - d0) / (d1 - d0)) * (r1 - r0);
  scale.invert = (place) => d0 + ((place - r0) / (r1 - r0)) * (d1 - d0);
  return scale;
}

/** Whether a place is in a box, or at most `margin` beside it. */
export const isInside = (box, x, y, margin = 0) =>
  x >= box.x0 - margin && x <= box.x1 + margin && y >= box.y0 - margin && y <= box.y1 + margin;

// Writing out fractions is most of the work of a path: the tenths of a pixel of any panel are written once.
const TENTHS = Array.from({ length: 8192 }, (_, i) => String(i / 10));

/** An SVG path through (xs[i], Y(ys[i])); xs as text; a value that is not finite leaves a gap. */
export function linePath(xs, ys, Y, top, bottom) {
  let path = "";
  let pen = "M";
  for (let i = 0; i < xs.length; i++) {
    const value = ys[i];
    if (value - value !== 0) {
      pen = "M";
      continue;
    }
    // Far outside the panel the exact place does not matter, but coordinates of 1e30 break renderers.
    const tenths = Math.round(10 * clamp(Y(value), top - 4000, bottom + 4000));
    path += pen + xs[i] + " " + (TENTHS[tenths] ?? tenths / 10);
    pen = "L";
  }
  return path;
}

/** An SVG path of an arrow from (x, y) in the direction (dx, dy), `length` long; none if there is no direction. */
export function arrowPath(x, y, dx, dy, length) {
  const size = Math.hypot(dx, dy);
  if (!(size > 0) || !isFinite(size)) return "";
  const [ux, uy] = [dx / size, dy / size];
  const [ex, ey] = [x + ux * length, y + uy * length];
  const wing = (side) => `${ex - 9 * ux + side * 5 * uy} ${ey - 9 * uy - side * 5 * ux}`;
  return `M${x} ${y}L${ex} ${ey}M${wing(-1)}L${ex} ${ey}L${wing(1)}`;
}

/** Moves sorted-or-not positions apart until neighbours are `gap` away, keeping their order and the bounds. */
export function spread(positions, gap, lo, hi) {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a] - positions[b]);
  const placed = positions.slice();
  let edge = lo;
  for (const i of order) edge = (placed[i] = Math.max(placed[i], edge)) + gap;
  edge = hi;
  for (const i of order.reverse()) edge = (placed[i] = Math.min(placed[i], edge)) - gap;
  return placed;
}

/**
 * Where the names of points stand: centred above their points, or below where `low` says so, but on the other side
 * rather than outside the box or on another point or name.
 */
export function namePlaces(points, widths, low, box) {
  const taken = points.map(([x, y]) => ({ x0: x - 9, x1: x + 9, y0: y - 9, y1: y + 9 }));
  return points.map(([x, y], i) => {
    const half = widths[i] / 2;
    const middle = clamp(x, box.x0 + half, box.x1 - half);
    const area = (line) => ({ x0: middle - half, x1: middle + half, y0: line - 11, y1: line + 3 });
    const meet = (a, b) => a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1;
    const isFree = (a) => a.y0 >= box.y0 && a.y1 <= box.y1 && !taken.some((b, j) => j !== i && meet(a, b));
    const lines = low[i] ? [y + 24, y - 14] : [y - 14, y + 24];
    const line = lines.find((one) => isFree(area(one))) ?? lines[0];
    taken.push(area(line));
    return [middle, line];
  });
}
