// The rules by which the search finds and ranks, on a handbook of a few lines.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const CODE = readFileSync(new URL("../../book/_static/search.js", import.meta.url), "utf8");
const NO_WORDS = { same: {}, near: {}, passed_over: ["it", "is", "the", "a"] };

/** A section for the search: its heading is its anchor. */
const section = (heading, text = "", { symptoms = [], table = false, above = [] } = {}) => {
  return [heading, above, heading, text, symptoms, table];
};
/** A symptom for the search. */
const symptom = (seen, called = "", words = seen) => ({ symptoms: [[words, called, seen]] });

/** The search in a page of these sections, below a first one that is empty. */
function searchIn(sections, words = {}, names = "") {
  const page = { page: "page", title: "Page", names, sections: [section("Page"), ...sections] };
  const HANDBOOK = { pages: [page], words: { ...NO_WORDS, ...words } };
  return runInNewContext(`${CODE}; handbookSearch`, { HANDBOOK });
}

const found = (search, typed) => Array.from(search.find(typed).results, ({ section }) => section.anchor);
const inText = (text) => (typed) => found(searchIn([section("here", text)]), typed).length === 1;

test("a word is not found in the middle of another", () => {
  const has = inText("indices and coincidence");
  assert.deepEqual(["dice", "coin", "indic"].map(has), [false, true, true]);
});

test("a word is found in its other forms", () => {
  const has = inText("labelled weights, losses and a class");
  assert.ok(["label", "labels", "weight", "weighted", "loss", "classes"].every(has));
  assert.ok(!["lossy", "clasp", "glass"].some(has));
});

test("short words and numbers are words", () => {
  const has = inText("KL of 2 against 255, see #25571, version 1.7.1; 0.255 is another");
  assert.ok(["kl", "2", "255", "1.7.1"].every(has));
  assert.ok(!["25", "557", "7"].some(has));
});

test("a number with a point is found in what agrees with it", () => {
  const has = inText("at 1.461, at 2.3026 and at 0.5");
  assert.ok(["1.46", "1.461", "1.4612", "2.303", "2.30", "0.5", "0.50"].every(has));
  assert.ok(!["1.47", "1.4", "2.31", "0.53", "461", "11.461"].some(has));
});

test("names of code are found with their parts together", () => {
  const has = inText('F.cross_entropy(z, y, reduction="mean") and log(0)');
  assert.ok(["cross_entropy", "cross entropy", 'reduction="mean"', "f.cross_entropy", "log(0)", "entropy"].every(has));
  assert.ok(!inText("cross the entropy")("cross_entropy"));
});

test("headings of symptoms come first, then other headings, symptoms, rows of their tables, text", () => {
  const other = symptom("all is wrong");
  const sections = [
    section("text", "it is nan"),
    section("table", "", { symptoms: [["it is nan", "", ""]], table: true }),
    section("row", "", symptom("the loss is nan")),
    section("a nan in a long heading of another thing"),
    section("a nan in a long heading of another sign", "", other),
  ];
  assert.deepEqual(found(searchIn(sections), "nan"), [
    "a nan in a long heading of another sign",
    "a nan in a long heading of another thing",
    "row",
    "table",
    "text",
  ]);
});

test("whole words come before parts of words", () => {
  const sections = [section("part", "the nanmean"), section("name", "a nan_mean"), section("whole", "a nan")];
  assert.deepEqual(found(searchIn(sections), "nan"), ["whole", "name", "part"]);
});

test("a heading that says nothing else comes first", () => {
  const sections = [section("NaN costs nothing", "", symptom("scores are nan")), section("It is nan")];
  assert.equal(found(searchIn(sections), "nan")[0], "It is nan");
});

test("a name of a loss leads to the top of its chapter", () => {
  const search = searchIn([section("MSE", "mse mse mse")], {}, "F.mse_loss · MSE");
  assert.equal(found(search, "mse")[0], "Page");
});

test("what stands above a section is found with what stands in it, and not alone", () => {
  const search = searchIn([section("one", "temperature", { above: ["Pitfalls"] })]);
  assert.deepEqual(found(search, "pitfalls temperature"), ["one"]);
  assert.deepEqual(found(search, "pitfalls"), []);
});

test("all words are looked for, and most of them where nothing has all", () => {
  const search = searchIn([
    section("both", "logits masked"),
    section("one", "logits"),
    section("three", "pad pad pad"),
  ]);
  assert.deepEqual(found(search, "masked logits"), ["both"]);
  assert.deepEqual(found(search, "masked logits elsewhere"), ["both"]);
  assert.equal(search.find("masked logits elsewhere").how, "most");
  assert.equal(search.find("elsewhere").results.length, 0);
});

test("words that say nothing are looked for if there are no others", () => {
  const search = searchIn([section("here", "a loss"), section("there", "it is")]);
  assert.deepEqual(found(search, "the loss"), ["here"]);
  assert.deepEqual(found(search, "it is"), ["there"]);
  assert.equal(search.find(" ?! ").how, "empty");
});

test("what the handbook calls otherwise is found by its own words, the longest phrase for each", () => {
  const same = { "rare class": ["class imbalance", "imbalance"], share: ["imbalance"] };
  const search = searchIn([section("here", "a rare class"), section("there", "the share of a class")], { same });
  assert.deepEqual(found(search, "class imbalance"), ["here"]);
  assert.deepEqual(Array.from(search.find("class imbalance").said), ["rare class"]);
  assert.deepEqual(found(search, "imbalance").sort(), ["here", "there"]);
});

test("what comes nearest is shown where a word finds nothing, and then alone", () => {
  const near = { pixels: ["dice", "dice coefficient"] };
  const nothing = searchIn([section("here", "a loss for pixels"), section("there", "a coefficient")], { near });
  assert.equal(nothing.find("dice coefficient").how, "near");
  assert.deepEqual(found(nothing, "dice coefficient"), ["here"]);
  const something = searchIn([section("here", "pixels"), section("there", "the dice loss")], { near });
  assert.deepEqual([something.find("dice").how, ...found(something, "dice")], ["all", "there"]);
});

test("what people call a symptom leads to its section", () => {
  const search = searchIn([
    section("text", "the loss is not decreasing"),
    section("Stuck", "", symptom("", "loss not decreasing")),
  ]);
  assert.equal(found(search, "loss not decreasing")[0], "Stuck");
});

test("of a table of symptoms all words are looked for in one row", () => {
  const symptoms = [
    ["a masked label", "", ""],
    ["a large logit", "", ""],
    ["an infinite loss", "masked logit", ""],
  ];
  const search = searchIn([section("table", "", { symptoms, table: true })]);
  const [{ told }] = search.find("masked logit").results;
  assert.equal(told.symptom, "an infinite loss");
  assert.deepEqual(found(search, "large label"), ["table"]);
  assert.equal(search.find("large label").how, "most");
});

test("the places of a query are those of its words in the text itself", () => {
  const search = searchIn([section("here", "Weights of −0.5: a weight")]);
  const [{ section: hit, query }] = search.find("weight -0.5").results;
  const places = Array.from(search.placesOf(hit.fields.text, query), ([a, b]) => hit.fields.text.slice(a, b));
  assert.deepEqual(places, ["0.5", "weight"]);
});
