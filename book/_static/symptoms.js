// The field of the page "My loss misbehaves": a number, a message or a word goes in, and the rows that match remain.
// What a row is known by stands in its attributes, one a line: data-messages and data-said are texts, data-numbers
// names of numbers. The numbers themselves are with the field: one each, or one for each number of classes.
(() => {
  "use strict";
  const field = document.querySelector("[data-symptoms=field]");
  if (!field) return;
  const { first, numbers } = JSON.parse(field.dataset.numbers);
  const EXAMPLES = ["1.4612", "nan", "device-side assert", "weights have no effect"];
  const TOKEN = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[\p{L}_][\p{L}\p{N}_]*/gu;
  const NUMBER = /(?<![\p{L}\p{N}_.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\p{L}\p{N}_])/gu;
  const INTEGER = /^(?:long|int|short|char|byte|bool)$/;
  const FLOATING = /^(?:float|double|half|bfloat16)$/;
  const REFUSAL = /(?:error|exception)\b|\bargument/i; // its whole numbers are no losses
  const SLACK = 1e-4; // a loss in a log is near its number, however many digits are printed

  const lines = (text) => text?.split("\n") ?? [];
  const plain = (text) => text.toLowerCase().replaceAll("−", "-");
  const tokens = (text) => plain(text).match(TOKEN) ?? [];
  /** A text as its words, each run of numbers as one sign: sizes, labels and devices are another reader's. */
  const phrase = (text) =>
    ` ${tokens(text)
      .map((token) => (/^[-+.\d]/.test(token) ? "#" : token))
      .join(" ")
      .replace(/#( #)+/g, "#")} `;

  /** A phrase with one sign for all dtypes of a kind: which of them is another reader's too. */
  const kindred = (phrase) =>
    phrase.replace(/[a-z\d]+/g, (word) => word.replace(INTEGER, "@i").replace(FLOATING, "@f"));

  const rows = [...document.querySelectorAll("[data-symptoms=row]")].map((mark) => {
    const element = mark.closest("tr");
    const table = mark.closest("[data-symptoms=table]");
    const { messages, said, numbers: names } = mark.dataset;
    const heading = table.closest("section").querySelector("h1, h2, h3");
    const known = [element.textContent, messages ?? "", said ?? "", table.dataset.said, heading.textContent];
    return {
      element,
      section: table.closest("section"),
      messages: lines(messages).map(phrase),
      kindred: lines(messages).map(phrase).map(kindred),
      said: lines(said).map(phrase),
      sign: lines(table.dataset.said).map(phrase),
      numbers: lines(names),
      words: new Set(tokens(known.join(" "))),
    };
  });
  const RARE = rows.length / 5; // a word that more rows have tells nothing
  const vocabulary = new Map();
  for (const word of rows.flatMap((row) => [...row.words])) vocabulary.set(word, (vocabulary.get(word) ?? 0) + 1);

  /** The numbers of a text, those with a point or an exponent if there are any, and how far off each may be. */
  function given(text) {
    const found =
      plain(text)
        .replace(/^\s*([-+]?\d+),(\d+)\s*$/, "$1.$2")
        .match(NUMBER) ?? [];
    const exact = found.filter((one) => !/[.e]/.test(one));
    const told = exact.length < found.length || REFUSAL.test(text) ? found.filter((one) => /[.e]/.test(one)) : exact;
    return told.map((one) => {
      const [mantissa, exponent = "0"] = one.split("e");
      const decimals = mantissa.split(".")[1]?.length ?? 0;
      const unit = exact.includes(one) ? 0 : 10 ** (Number(exponent) - decimals);
      return { text: one, value: Number(one), below: unit / 2, above: decimals < 3 ? unit / 2 : unit };
    });
  }

  /** Whether a number is the given one, rounded or, if long, cut off after its last digit. */
  function agrees(number, { value, below, above }) {
    const [size, wanted] = [Math.abs(number), Math.abs(value)];
    const within = size > wanted - below - SLACK * size && size < wanted + above + SLACK * size;
    return within && Math.sign(number) === Math.sign(value);
  }

  /** What a given number is, in words, and for how many classes, if the number of that name agrees with it. */
  function naming(name, one) {
    const at = numbers[name].map((number, index) => (agrees(number, one) ? index + first : 0)).filter(Boolean);
    if (!at.length) return null;
    if (numbers[name].length === 1) return { text: `${one.text} is ${name}.`, classes: 0 };
    const [low, high] = [at[0], at[at.length - 1]];
    const between = high === low + 1 ? "or" : "to";
    const [C, span] = low === high ? [low, low] : ["C", `${low} ${between} ${high}`];
    return { text: `${one.text} is ${name.replaceAll("{C}", C)} (${span} classes).`, classes: low };
  }

  /** The matching rows, each with what it tells of a given number: by the first of these ways that finds any. */
  function find(text) {
    const asked = phrase(text);
    const words = tokens(text);
    const familiar = words.filter((word) => vocabulary.has(word));
    const rare = [...new Set(familiar)].filter((word) => vocabulary.get(word) <= RARE);
    const share = (row) => rare.filter((word) => row.words.has(word)).length;
    const most = Math.max(...rows.map(share));
    const among = (phrases, text = asked) => phrases.some((one) => text.includes(one));
    const all = (row, wanted) => wanted.length > 0 && wanted.every((word) => row.words.has(word));
    const numbers = given(text);
    const told = (row) => numbers.flatMap((one) => row.numbers.map((name) => naming(name, one)).filter(Boolean));
    const isTold = (row) => told(row).length > 0;
    const ways = [
      (row) => among(row.messages),
      (row) => among(row.kindred, kindred(asked)),
      isTold,
      (row) => among(row.said),
      (row) => all(row, words),
      (row) => among(row.sign),
      (row) => all(row, familiar),
      (row) => most > 1 && share(row) === most,
    ];
    for (const way of ways) {
      const found = rows.filter(way);
      if (found.length) return new Map(found.map((row) => [row, way === isTold ? told(row) : []]));
    }
    return new Map();
  }

  function make(tag, attributes = {}, text = "") {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  }

  const label = make("label", { for: "symptom" }, "What do you see? Paste a number, a message or a word.");
  const input = make("textarea", { id: "symptom", rows: "2", spellcheck: "false", autocapitalize: "off" });
  const examples = make("p", { class: "symptom-examples" }, "For example ");
  const status = make("p", { role: "status", "aria-live": "polite" });
  const search = make("a", {}, "Search the whole handbook");
  const clear = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, "Show all rows");
  const ends = make("p", { class: "symptom-ends" });
  ends.append(clear, " ", search);

  /** What the given numbers are, the likeliest first: a fixed number, then few classes. */
  const inWords = (told) => [...new Set(told.sort((a, b) => a.classes - b.classes).map((one) => one.text))].join(" ");

  function note(row, told) {
    row.element.querySelector(".symptom-number")?.remove();
    if (told.length) row.element.cells[0].append(make("div", { class: "symptom-number" }, inWords(told)));
  }

  function show() {
    const text = input.value.trim();
    const found = text ? find(text) : new Map();
    const all = !found.size;
    for (const row of rows) {
      row.element.hidden = !all && !found.has(row);
      note(row, found.get(row) ?? []);
    }
    for (const section of new Set(rows.map((row) => row.section))) {
      section.hidden = rows.every((row) => row.section !== section || row.element.hidden);
    }
    const { content_root: root = "./" } = document.documentElement.dataset;
    search.href = `${root}search.html?q=${encodeURIComponent(text.slice(0, 200))}`;
    ends.hidden = !text;
    clear.hidden = all;
    if (!text) status.textContent = "";
    else if (all) status.textContent = `No row knows this: all ${rows.length} stand below.`;
    else status.textContent = `${found.size} of ${rows.length} rows. ${inWords([...found.values()].flat())}`;
  }

  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150); // what is announced is not each letter
  });

  function ask(text) {
    input.value = text;
    show();
  }

  for (const text of EXAMPLES) {
    const button = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, text);
    button.addEventListener("click", () => ask(text));
    examples.append(button, " ");
  }
  clear.addEventListener("click", () => {
    ask("");
    input.focus();
  });
  // The contents of the page lead to sections that may be hidden.
  document.addEventListener("click", (event) => {
    const hash = event.target.closest?.("a[href^='#']")?.hash;
    if (hash && document.getElementById(decodeURIComponent(hash.slice(1)))?.closest("section[hidden]")) ask("");
  });
  field.replaceChildren(label, input, examples, status, ends);
  ask(new URLSearchParams(location.search).get("q") ?? "");
})();
