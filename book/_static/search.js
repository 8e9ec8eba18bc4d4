// Looks for words in the text of all sections (sections.js, which book/_ext/handbook/search.py makes). search_page.js
// asks. The words of the reader are looked for whole first, then in their forms, then as the beginning of others: never
// in the middle of one, so that nobody who asks for dice is shown indices.
const handbookSearch = (() => {
  "use strict";
  // What a word is worth by where it stands; one in the text is worth more if it is there more often.
  const WORTH = { names: 12, called: 9, heading: 8, seen: 7.5, symptom: 7, text: 2, above: 1.5 };
  const MORE_OF_SYMPTOMS = { heading: 3 }; // in a section that tells symptoms
  const OFTEN = 0.4;
  const CHAPTER = 1; // before a page across the losses that says the same
  const [EXACT, FORM, PART, COARSER] = [1, 0.9, 0.5, 0.4];
  const MOST = 0.5; // the part of a query, by weight, that has to be found where nothing has all of it

  /** Text as it is compared. Letters stay in their places, so that a place in it is a place in the text itself. */
  const plain = (text) => text.toLowerCase().replace(/−/g, "-").replace(/[’‘]/g, "'");
  const piecesOf = (text) => plain(text).match(/\d+(?:\.\d+)+|[\p{L}\p{N}]+/gu) ?? [];

  // What may stand right before a match, at the end of the text that precedes it.
  const [APART, JOINED, NO_NUMBER] = [/[^\p{L}\p{N}_]$/u, /[^\p{L}\p{N}]$/u, /(?:^|[^\d])[.,]$|[^\p{L}\p{N}_.,]$/u];

  /** Where a pattern is found behind what may stand before it. (A pattern that looks behind itself is slow.) */
  function placesIn(text, pattern, before) {
    const found = Array.from(text.matchAll(pattern), (match) => [match.index, match.index + match[0].length]);
    return found.filter(([start]) => !start || before.test(text.slice(Math.max(0, start - 2), start)));
  }

  /** A word without its ending: labels, labelled and labelling are forms of "label". */
  function stem(word) {
    return word.match(/^(\p{L}{2,}?(?:[^s]|ss))(?:e|es|s|ed|ing)$/u)?.[1] ?? word;
  }

  const escaped = (text) => text.replaceAll(".", "\\.");

  /** A looker for a number with a point: 1.46 and 1.4612 are found in 1.461, the longer one as less. */
  function numberLooker(typed) {
    const [whole, part] = typed.split(".");
    const pattern = new RegExp(`${whole}\\.(\\d+)(?![\\p{L}\\p{N}])`, "gu");
    const agrees = (digits) => {
      const shared = Math.min(digits.length, part.length);
      if (shared < 2) return Number(`0.${digits}`) === Number(`0.${part}`);
      const cut = digits.startsWith(part) || part.startsWith(digits);
      return cut || Number(`0.${digits}`).toFixed(shared) === Number(`0.${part}`).toFixed(shared);
    };
    return (text) => {
      if (!text.includes(`${whole}.`)) return null;
      const digits = ([start, end]) => text.slice(start + whole.length + 1, end);
      const found = placesIn(text, pattern, NO_NUMBER).filter((place) => agrees(digits(place)));
      const fine = found.filter((place) => digits(place).length >= part.length);
      if (fine.length) return { quality: EXACT, places: fine };
      return found.length ? { quality: COARSER, places: found } : null;
    };
  }

  /** A looker: from a text to {quality, places} of a word or a phrase in it, or to null. What stands between the pieces of
   * a word does not matter: "cross entropy" and "cross_entropy" find each other. */
  function makeLooker(word) {
    const pieces = piecesOf(word);
    const last = pieces.pop();
    if (!pieces.length && /^\d+\.\d+$/.test(last)) return numberLooker(last);
    const head = pieces.map((piece) => `${escaped(piece)}[^\\p{L}\\p{N}]{1,3}`).join("");
    const make = (body, after) => new RegExp(`${head}${body}(?!${after})`, "gu");
    const letter = "[\\p{L}\\p{N}]";
    const patterns = [];
    const isNumber = /^\d/.test(last);
    if (isNumber) patterns.push([EXACT, make(escaped(last), `${letter}|_|[.,]\\d`), pieces.length ? APART : NO_NUMBER]);
    else {
      patterns.push([EXACT, make(last, `${letter}|_`), APART]);
      if (last.length > 2) patterns.push([FORM, make(`${stem(last)}(?:e|es|s|d|l?ed|l?ing)?`, letter), JOINED]);
      patterns.push([PART, make(last + (last.length > 2 ? `${letter}*` : ""), letter), JOINED]);
    }
    const needed = [...pieces, isNumber ? last : stem(last)];
    return (text) => {
      if (!needed.every((piece) => text.includes(piece))) return null;
      for (const [quality, pattern, before] of patterns) {
        const found = placesIn(text, pattern, before);
        if (found.length) return { quality, places: found };
      }
      return null;
    };
  }

  const lookers = new Map();
  function look(text, word) {
    if (!lookers.has(word)) lookers.set(word, makeLooker(word));
    return lookers.get(word)(text);
  }

  const { pages, words } = HANDBOOK;
  const passedOver = new Set(words.passed_over);
  const [same, near] = [phrases(words.same), phrases(words.near)];
  const compared = (fields) => Object.entries(fields).map(([name, field]) => [name, plain(field)]);
  const sections = pages.flatMap(({ page, title, names, sections }) =>
    sections.map(([anchor, above, heading, text, symptoms, isTable], index) => {
      const path = index ? [title, ...above] : [];
      const fields = { names: index ? "" : names, heading, text, above: path.join(" · ") };
      // A section that tells no symptom tells an empty one.
      const told = (symptoms.length ? symptoms : [["", "", ""]]).map(([symptom, called, seen]) => {
        return { symptom, called, low: compared({ symptom, called, seen }) };
      });
      const content = piecesOf(heading).filter((piece) => !passedOver.has(piece));
      const more = symptoms.length ? MORE_OF_SYMPTOMS : {};
      const isOfChapter = names !== "";
      return { page, anchor, heading, path, fields, low: compared(fields), told, isTable, content, more, isOfChapter };
    }),
  );

  /** A query: the words to look for, and the phrase that they come from. A word without letter and digit is none. */
  function queryOf(phrase) {
    const all = plain(phrase)
      .split(/\s+/)
      .filter((word) => piecesOf(word).length);
    const telling = all.filter((word) => !passedOver.has(word));
    return { words: telling.length ? telling : all, phrase: all.join(" ") };
  }

  /** [the pieces of what is typed, what the handbook says] of a list of words, the longest first. */
  function phrases(list) {
    const pairs = Object.entries(list ?? {}).flatMap(([said, typed]) => typed.map((one) => [piecesOf(one), said]));
    return pairs.sort(([a], [b]) => b.length - a.length);
  }

  /** What the handbook says for phrases of a query, as {said, rest}: a piece belongs to the longest phrase that has it. */
  function inOurWords(typed, list) {
    const pieces = piecesOf(typed);
    const taken = pieces.map(() => 0); // the length of the phrase that has the piece
    return list.flatMap(([phrase, said]) => {
      const start = pieces.findIndex((_, at) => phrase.every((piece, i) => pieces[at + i] === piece));
      if (start < 0 || phrase.some((_, i) => taken[start + i] > phrase.length)) return [];
      taken.fill(phrase.length, start, start + phrase.length);
      return [{ said, rest: [...pieces.slice(0, start), ...pieces.slice(start + phrase.length)].join(" ") }];
    });
  }

  /** What fields are worth for one word, and the best of them; null where none has it. */
  function judge(low, more, word) {
    let best = null;
    for (const [field, text] of low) {
      const found = look(text, word);
      if (!found) continue;
      const often = field === "text" ? Math.min(found.places.length - 1, 4) * OFTEN : 0;
      const worth = (WORTH[field] + (more[field] ?? 0) + often) * found.quality;
      if (!best || worth > best.worth) best = { worth, field };
    }
    return best;
  }

  const better = (a, b) => ((a?.worth ?? 0) >= (b?.worth ?? 0) ? a : b);

  /** For each symptom that a section tells: what the section with that symptom is worth for each word. */
  function judgeAll({ low, more, told }, words) {
    const own = words.map((word) => judge(low, more, word));
    return told.map((one) => words.map((word, i) => better(own[i], judge(one.low, {}, word))));
  }

  /** More for words that stand together, for a heading that says little else or a name that is asked for, and for a
   * chapter. */
  function bonus({ low, content, isOfChapter }, told, { words, phrase }) {
    const fields = Object.fromEntries([...low, ...told.low]);
    const has = (field) => words.length > 1 && (look(fields[field], phrase)?.quality ?? 0) >= FORM;
    const joined = ["names", "called", "heading"].some(has) ? 8 : has("symptom") ? 6 : has("text") ? 3 : 0;
    const asked = content.filter((piece) => words.some((word) => look(piece, word) || look(word, piece)));
    const isNamed = fields.names.split(" · ").includes(phrase);
    const covered = isNamed ? 1 : content.length && asked.length / content.length;
    return joined + 6 * covered ** 2 + (isOfChapter ? CHAPTER : 0);
  }

  /** The sections that have all words, or at least a `share` of what those weigh that are found anywhere: the rarer a word,
   * the more. A section is there once for each of its symptoms that has them. */
  function search(query, share = 1) {
    const judged = sections.map((section) => judgeAll(section, query.words));
    const counts = query.words.map((_, i) => judged.filter((all) => all.some((found) => found[i])).length);
    if (share === 1 && counts.includes(0)) return [];
    const weights = counts.map((count) => count && Math.log(1 + sections.length / count));
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const all = sum(weights);
    const result = (section, told, found) => {
      const weight = sum(weights.filter((_, i) => found[i]));
      // What stands above a section alone has been found there.
      if (weight < share * all - 1e-9 || found.every((one) => !one || one.field === "above")) return [];
      const worth = sum(found.map((one, i) => (one ? one.worth * weights[i] : 0))) / all;
      return [{ section, told, query, worth: worth + bonus(section, told, query) }];
    };
    return judged.flatMap((one, place) => {
      const section = sections[place];
      return one.flatMap((found, i) => result(section, section.told[i], found));
    });
  }

  /** Each section once, the best first. */
  function ranked(results) {
    const seen = new Set();
    const sorted = results.sort((a, b) => b.worth - a.worth);
    return sorted.filter(({ section }) => !seen.has(section) && seen.add(section));
  }

  /** What the handbook has for what is typed: {how, results, said}. `how` is "all" (words), "near" (what comes nearest, and
   * is called `said`), "most" (of the words), or "empty" where nothing is typed. */
  function find(typed) {
    const query = queryOf(typed);
    if (!query.words.length) return { how: "empty", results: [], said: [] };
    const saidSame = inOurWords(typed, same);
    const queries = [query, ...saidSame.map(({ said, rest }) => queryOf(`${said} ${rest}`))];
    const all = ranked(queries.flatMap((one) => search(one)));
    if (all.length) return { how: "all", results: all, said: saidSame.map(({ said }) => said) };
    const saidNear = inOurWords(typed, near).map(({ said }) => said);
    const nearest = ranked(saidNear.flatMap((said) => search(queryOf(said))));
    if (nearest.length) return { how: "near", results: nearest, said: saidNear };
    const most = queries.filter(({ words }) => words.length > 1).flatMap((one) => search(one, MOST));
    return { how: "most", results: ranked(most), said: [] };
  }

  /** All places of a query in a text, from its beginning to its end. */
  function placesOf(text, { words, phrase }) {
    const found = [...words, phrase].flatMap((word) => look(plain(text), word)?.places ?? []);
    return found.sort(([a], [b]) => a - b);
  }

  /** Which of some texts has most words of a query, the first of them. */
  function richest(texts, { words }) {
    const counts = texts.map((text) => words.filter((word) => look(plain(text), word)).length);
    return counts.indexOf(Math.max(...counts));
  }

  return { find, placesOf, richest };
})();
