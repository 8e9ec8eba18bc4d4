// The page of the search: its field, and the list of what search.js finds. It searches while one types, without a request.
(() => {
  "use strict";
  const SHOWN = 30;
  const LINE = 180; // characters of text below a result
  const PAUSE = 150; // ms without a key before the list changes
  const HIGHLIGHTS = 8; // words that a link hands on to its page

  const { find, placesOf } = handbookSearch;
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

  /** The line below a result: the symptom that was found, by its words or by what people call it; else the text around
   * what was found, or the names that were; where that was the heading, how the text begins. */
  function line({ fields }, query) {
    const has = (name) => placesOf(fields[name], query).length > 0;
    const whole = (text) => marked(text, [0, text.length], placesOf(text, query));
    const [rows, called] = [fields.rows.split("\n"), fields.called.split("\n")];
    if (has("rows")) return whole(rows[richest(rows, query)]);
    const text = fields[["text", "names"].find(has) ?? "text"];
    const places = placesOf(text, query);
    if (!places.length && has("called")) {
      const place = richest(called, query);
      const names = called[place].split(" · ");
      return [...whole(names[richest(names, query)]), rows[place] && `: ${rows[place]}`];
    }
    const [start, end] = stretch(text, places);
    return [start ? "… " : "", ...marked(text, [start, end], places), end < text.length ? " …" : ""];
  }

  /** Which of some texts has most of a query. */
  function richest(texts, query) {
    const counts = texts.map((text) => placesOf(text, query).length);
    return counts.indexOf(Math.max(...counts));
  }

  /** The address of a section, with the words that its page highlights. */
  function address({ page, anchor, fields }, query) {
    const found = ["heading", "text", "rows", "called"].flatMap((name) =>
      placesOf(fields[name], query).map(([start, end]) => fields[name].slice(start, end)),
    );
    const words = [...new Set(found)].slice(0, HIGHLIGHTS).map((word) => ["highlight", word]);
    const asked = words.length ? `?${new URLSearchParams(words)}` : "";
    return `${page}${DOCUMENTATION_OPTIONS.FILE_SUFFIX}${asked}#${encodeURIComponent(anchor)}`;
  }

  function item({ section, query }) {
    const { heading } = section;
    const title = marked(heading, [0, heading.length], placesOf(heading, query));
    const result = make("li", {}, make("a", { href: address(section, query) }, ...title));
    if (section.path.length) result.append(make("span", { class: "search-path" }, section.path.join(" › ")));
    result.append(make("p", { class: "context" }, ...line(section, query)));
    return result;
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
