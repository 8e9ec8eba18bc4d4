// The cases of tests/words.json, as the script's tests use them.
import { readFileSync } from "node:fs";

const read = JSON.parse(readFileSync(new URL("../words.json", import.meta.url)));
const NAMED = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const numberOf = (value) => NAMED[value] ?? value;

/** What the page writes where Python writes this: the same, with real minus signs. */
export const onPage = (text) => text.replaceAll("-", "−");

/** Rules of writing numbers, each with its cases: [value, digits, text]. */
export const NUMBERS = read.numbers.map(({ rule, cases }) => {
  return { rule, cases: cases.map(([value, digits, text]) => [numberOf(value), digits, text]) };
});

/** Explorers, one a kind: their spec, table, first state, and cases of a state with its words. */
export const EXPLORERS = read.facts.map(({ spec, table, cases }) => ({
  spec: { ...spec, lengths: Object.fromEntries(spec.controls.map((c) => [c.name, c.values.length])) },
  table: Float32Array.from(table, numberOf),
  state: {
    index: Object.fromEntries(spec.controls.map((c) => [c.name, c.start])),
    revealed: true,
    hidden: new Set(spec.hidden),
    ghost: null,
  },
  cases: cases.map(({ name, index, revealed, hidden, words }) => {
    return { name, state: { index, revealed, hidden: new Set(hidden), ghost: null }, words };
  }),
}));
