// The page of the search: its field, and the list of what search.js finds. It searches while one types, without a request.
(() => {
  "use strict";
  const SHOWN = 30;
  const LINE = 180; // characters of text below a result
  const PAUSE = 150; // ms without a key before the list changes
  const HIGHLIGHTS = 8; // words that a link hands on to its page

  const { find, placesOf, richest } = handbookSearch;
  const field = document.querySelector(".bd-search-container input[name=q]");
  const said = document.getElementById("search-said");
  const list = document.getElementById("search-results");

  function make(tag, attributes = {}, ...content) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...content);
    return element;
  }

  /** The stretch of a text that has most of the places, as [start, end]: it begins and ends between words. */
  function stretch(text, places) {
    const within = (start) => places.filter(([a, b]) => a >= start && b <= start + LINE).length;
    const [first] = places.reduce(
      (best, place) => (within(place[0]) > within(best[0]) ? place : best),
      places[0] ?? [0],
    );
    const wanted = Math.max(0, first - LINE / 4);
    const start = wanted && text.lastIndexOf(" ", wanted) + 1;
    const end = text.length <= start + LINE ? text.length : text.lastIndexOf(" ", start + LINE);
    return [start, end > first ? end : start + LINE];
  }

  /** A part of a text with its places marked. */
  function marked(text, [start, end], places) {
    const parts = [];
    let at = start;
    for (const [a, b] of places) {
      if (a < at || b > end) continue;
      parts.push(text.slice(at, a), make("mark", {}, text.slice(a, b)));
      at = b;
    }
    return [...parts, text.slice(at, end)];
  }

  /** The line below a result: of a symptom, of the text or of the names of a chapter what has most of the query. What people
   * call a symptom comes before it. */
  function line({ section, told, query }) {
    const { text, names } = section.fields;
    const whole = (text) => marked(text, [0, text.length], placesOf(text, query));
    const shown = ["symptom", "text", "called", "names"][richest([told.symptom, text, told.called, names], query)];
    if (shown === "symptom" && placesOf(told.symptom, query).length) return whole(told.symptom);
    if (shown === "names") return whole(names);
    if (shown === "called") {
      const called = told.called.split(" · ");
      return [...whole(called[richest(called, query)]), told.symptom && `: ${told.symptom}`];
    }
    const places = placesOf(text, query);
    const [start, end] = stretch(text, places);
    return [start ? "… " : "", ...marked(text, [start, end], places), end < text.length ? " …" : ""];
  }

  /** The address of a section, with the words that its page highlights, and of a table of symptoms with the row. */
  function address({ section, told, query }) {
    const { page, anchor, fields } = section;
    const asked = new URLSearchParams();
    const isRow = section.isTable && told.symptom;
    const texts = [fields.heading, fields.text, ...(isRow ? [told.symptom] : [])];
    const found = texts.flatMap((text) => placesOf(text, query).map(([start, end]) => text.slice(start, end)));
    for (const word of [...new Set(found)].slice(0, HIGHLIGHTS)) asked.append("highlight", word);
    if (isRow) asked.set("row", section.told.filter(({ symptom }) => symptom).indexOf(told));
    const suffix = `${DOCUMENTATION_OPTIONS.FILE_SUFFIX}${asked.size ? `?${asked}` : ""}`;
    return `${page}${suffix}#${encodeURIComponent(anchor)}`;
  }

  function item(result) {
    const { heading, path } = result.section;
    const title = marked(heading, [0, heading.length], placesOf(heading, result.query));
    const shown = make("li", {}, make("a", { href: address(result) }, ...title));
    if (path.length) shown.append(make("span", { class: "search-path" }, path.join(" › ")));
    shown.append(make("p", { class: "context" }, ...line(result)));
    return shown;
  }

  /** What is said of a search, for eyes and ears. */
  function summary(typed, { how, results, said: ours }) {
    if (how === "empty") return "";
    const quoted = (words) => [...new Set(words)].map((word) => `“${word}”`).join(" or ");
    if (!results.length) return `Nothing about ${quoted([typed])}.`;
    if (how === "near") return `Nothing about ${quoted([typed])} yet. What comes nearest, by ${quoted(ours)}:`;
    if (how === "most") return "No section has all of these words. Here are those with most of them:";
    const count = results.length === 1 ? "1 section" : `${results.length} sections`;
    const shown = results.length > SHOWN ? `The first ${SHOWN} of ${count}` : count;
    return `${shown} for ${quoted([typed, ...ours])}.`;
  }

  function show() {
    const typed = field.value.trim();
    const found = find(typed);
    said.textContent = summary(typed, found);
    list.replaceChildren(...found.results.slice(0, SHOWN).map(item));
    // The address keeps what was asked: for the way back from a result, and to hand on.
    const url = new URL(location.href);
    if (typed) url.searchParams.set("q", typed);
    else url.searchParams.delete("q");
    history.replaceState(null, "", url);
  }

  let waiting = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    show();
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) show();
  else field.focus();
})();
