// Numbers: bounds, positions, and how a number is written. Pure functions.

export const clamp = (value, lo, hi) => Math.min(hi, Math.max(lo, value));

/** The index of the entry of a sorted array that is nearest to value. */
export function nearest(values, value) {
  let lo = 0;
  let hi = values.length - 1;
  while (hi - lo > 1) {
    const middle = (lo + hi) >> 1;
    if (values[middle] <= value) lo = middle;
    else hi = middle;
  }
  return Math.abs(values[lo] - value) <= Math.abs(values[hi] - value) ? lo : hi;
}

/** Up to `most` indices of a list of `count`, spread evenly from its first to its last. */
export function sample(count, most) {
  const indices = Array.from({ length: most }, (_, k) => Math.round((k * (count - 1)) / (most - 1)));
  return [...new Set(indices)];
}

/** Round numbers between lo and hi, about `count` of them. */
export function ticks(lo, hi, count) {
  const raw = (hi - lo) / Math.max(1, count);
  if (!(raw > 0) || !isFinite(raw)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((m) => m * power >= raw * 0.999) * power;
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => +((first + i) * step).toPrecision(12));
}

// As in lookup.py: the significant digits that the table keeps of each number, and the largest that it holds.
const DIGITS = 5;
const LARGEST = (2 - 2 ** -19) * 2 ** 127;

/**
 * A number as `number` of stills/numbers.py writes it, but with a real minus sign: fixed digits, but none that the table
 * does not keep, from 1e5 on a power of ten, no "-0.00", and nan and inf by name. Below 0, `digits` are those of a power
 * of ten: 1.23e−08.
 */
export function format(value, digits) {
  if (Number.isNaN(value)) return "nan";
  if (!isFinite(value)) return value > 0 ? "inf" : "−inf";
  const size = Math.abs(value);
  if (size >= LARGEST) return (value > 0 ? ">" : "<−") + powerText(LARGEST);
  const kept = size ? Math.min(digits, DIGITS - 1 - Math.floor(Math.log10(size))) : digits;
  const text = size >= 1e5 || (digits < 0 && size) ? powerText(size) : fixedText(size, Math.max(kept, 0));
  return (value < 0 && Number(text) !== 0 ? "−" : "") + text.replace("-", "−");
}

// In the middle between two texts JavaScript takes the larger number, and Python the one whose last digit is even.
const toEven = (text) => (text.at(-1) % 2 ? text.slice(0, -1) + (text.at(-1) - 1) : text);

/** A number with so many digits after the point. */
function fixedText(size, digits) {
  const text = size.toFixed(digits);
  // The middle between two such decimals is an odd multiple of 1 / 2^(digits + 1), or no binary number.
  return (size * 2 ** (digits + 1)) % 2 === 1 ? toEven(text) : text;
}

/** A number with two digits after the point and a power of ten, of two digits at least. */
function powerText(size) {
  const [text, power] = size.toExponential(2).split("e");
  const isMiddle = /^.{4}50*e/.test(size.toExponential(22));
  return `${isMiddle ? toEven(text) : text}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** A tick of an axis, as short as it is exact. */
export function tickText(value) {
  const size = Math.abs(value);
  const text = size >= 1e5 || (size > 0 && size < 1e-3) ? size.toExponential().replace("e+", "e") : String(size);
  return (value < 0 ? "−" : "") + text.replace("e-", "e−");
}

/** An arrow beside a number that stands outside its axis. */
export const beyond = (value, [lo, hi]) =>
  !isFinite(value) || (value >= lo && value <= hi) ? "" : value > hi ? " ↑" : " ↓";
