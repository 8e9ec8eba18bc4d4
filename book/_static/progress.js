// Ticks: what the reader has done, kept by the browser under one key as {"chapter:l1_loss": true} and sent to nobody.
// A chapter ends with a box to tick; any <input type="checkbox" data-progress="exercise:..."> of a page is wired too,
// and each exercise has one in its chapter, below the verdict on its stub. A page says where else ticks belong:
// data-ticks="chapters" or "exercises" is around a list whose lines get a box, "count" is where they are counted, and
// "keep" where they are saved, loaded and cleared.
(() => {
  "use strict";
  const KEY = "handbook-progress";
  const ID = /^(chapter|exercise):[\w./-]+$/;
  const CHAPTER = /\/notebooks\/[^/]+\/(\w+)\.html$/;
  let unkept = null; // the ticks of this page where the browser keeps none: private mode, some file:// pages

  /** Only what is true and has a name we know: text from a file or another tab is not to be trusted. */
  function known(found) {
    if (typeof found !== "object" || found === null || Array.isArray(found)) return null;
    return Object.fromEntries(Object.entries(found).filter(([id, done]) => done === true && ID.test(id)));
  }

  function read() {
    if (unkept) return unkept;
    try {
      return known(JSON.parse(localStorage.getItem(KEY))) ?? {};
    } catch (error) {
      if (error instanceof SyntaxError) return {};
      return (unkept = {});
    }
  }

  function write(progress) {
    try {
      localStorage.setItem(KEY, JSON.stringify(progress));
    } catch {
      unkept = progress;
    }
    show();
  }

  function set(id, done) {
    const progress = { ...read() }; // read again: another tab may have ticked since
    delete progress[id];
    if (done) progress[id] = true;
    write(progress);
  }

  function make(tag, attributes = {}, text) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  const chapterOf = (link) => link.href && new URL(link.href).pathname.match(CHAPTER)?.[1];
  const boxes = () => document.querySelectorAll("input[type=checkbox][data-progress]");

  function show() {
    const progress = read();
    for (const box of boxes()) box.checked = progress[box.dataset.progress] === true;
    for (const link of document.querySelectorAll(".bd-links a.internal")) {
      const done = progress[`chapter:${chapterOf(link)}`] === true;
      const mark = link.querySelector(".handbook-tick");
      if (done && !mark) {
        const tick = make("span", { class: "handbook-tick" });
        tick.append(
          make("span", { "aria-hidden": "true" }, " ✓"),
          make("span", { class: "visually-hidden" }, " (done)"),
        );
        link.append(tick);
      } else if (!done) mark?.remove();
    }
    for (const line of document.querySelectorAll(".handbook-count")) {
      line.firstChild.textContent = `${[...boxes()].filter((box) => box.checked).length} of ${boxes().length} solved.`;
    }
    for (const note of document.querySelectorAll(".handbook-unkept")) note.hidden = !unkept;
  }

  const UNKEPT = "This browser keeps nothing for this page: the ticks last until you leave it.";

  function note(parent) {
    const line = make("p", { class: "handbook-unkept" }, UNKEPT);
    line.hidden = true;
    parent.append(line);
  }

  function endOfChapter(name) {
    const article = document.querySelector("article.bd-article");
    if (!article) return;
    const end = make("div", { class: "handbook-done d-print-none" });
    const label = make("label");
    label.append(make("input", { type: "checkbox", "data-progress": `chapter:${name}` }), " Done with this chapter");
    end.append(label);
    note(end);
    article.append(end);
  }

  function chapters(list) {
    for (const link of list.querySelectorAll("td:first-child a")) {
      const name = chapterOf(link);
      if (!name) continue;
      const label = `Done: ${link.textContent.trim()}`;
      link.before(make("input", { type: "checkbox", "data-progress": `chapter:${name}`, "aria-label": label }), " ");
    }
  }

  const counted = (count, done) => `${count} ${count === 1 ? "tick" : "ticks"} ${done}.`;

  function keep(place) {
    const row = make("p", { class: "handbook-keep d-print-none" });
    const said = make("p", { role: "status" });
    const file = make("input", { type: "file", accept: ".json,application/json", "aria-label": "File with ticks" });
    file.hidden = true;
    const button = (text, act) => {
      const one = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, text);
      one.addEventListener("click", act);
      row.append(one, " ");
    };
    button("Save to a file", () => {
      const text = JSON.stringify(read(), null, 1);
      const link = make("a", { download: "handbook-progress.json" });
      link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      said.textContent = counted(Object.keys(read()).length, "saved");
    });
    button("Load from a file", () => file.click());
    button("Clear all ticks", () => {
      if (!confirm("Take all ticks back?")) return;
      write({});
      said.textContent = "All ticks taken back.";
    });
    file.addEventListener("change", async () => {
      const [chosen] = file.files;
      if (!chosen) return;
      let found = null;
      try {
        found = known(JSON.parse(await chosen.text()));
      } catch {
        // said below
      }
      file.value = "";
      if (!found) {
        said.textContent = `A file must hold {"chapter:l1_loss": true}; ${chosen.name} does not.`;
        return;
      }
      write({ ...read(), ...found });
      said.textContent = counted(Object.keys(found).length, "loaded");
    });
    place.append(row, file, said);
    note(place);
  }

  function box(name, text) {
    const label = make("label", { class: "handbook-solved" });
    label.append(make("input", { type: "checkbox", "data-progress": `exercise:${name}` }), " ", text);
    return label;
  }

  function exercises(list) {
    for (const row of list.querySelectorAll("tbody tr")) {
      const name = row.querySelector("[data-exercise]").dataset.exercise;
      const link = row.querySelector("a");
      const label = `Solved: ${list.dataset.chapter}, ${link.textContent.trim()}`;
      link.before(make("input", { type: "checkbox", "data-progress": `exercise:${name}`, "aria-label": label }), " ");
    }
  }

  function count(place) {
    const line = make("div", { class: "handbook-count", role: "status" });
    line.append(make("p"));
    place.append(line);
    note(line);
  }

  function exercisesOfChapter() {
    const seen = new Set();
    for (const verdict of document.querySelectorAll(".lossviz-verdict[data-exercise]")) {
      const name = verdict.dataset.exercise;
      if (!name || seen.has(name)) continue; // the second verdict is that of the solution
      seen.add(name);
      verdict.append(box(name, "Solved"));
    }
  }

  const here = location.pathname.match(CHAPTER);
  if (here) endOfChapter(here[1]);
  exercisesOfChapter();
  for (const [name, fill] of Object.entries({ chapters, exercises, count, keep })) {
    document.querySelectorAll(`[data-ticks=${name}]`).forEach(fill);
  }
  document.addEventListener("change", (event) => {
    const id = event.target.dataset?.progress;
    if (id && ID.test(id)) set(id, event.target.checked);
  });
  addEventListener("storage", (event) => (event.key === KEY || event.key === null ? show() : undefined));
  addEventListener("pageshow", show); // back and forward: the page of before, and ticks of now
  show();
})();
