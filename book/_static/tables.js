// Long tables, marked data-long: a button in each heading sorts the rows, a field above leaves those with some words.
// Without this script the table is there as it was written.
(() => {
  "use strict";
  const ORDERS = ["ascending", "descending", "none"]; // one after the other, as the button is pressed
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const said = (element) => element.textContent.trim().replaceAll("−", "-");
  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  /** Numbers before words, numbers by size; what is empty stands last. */
  function compare(one, other) {
    const [a, b] = [one, other].map((text) => (text === "" ? NaN : Number(text)));
    if (!isNaN(a) && !isNaN(b)) return a - b;
    if (isNaN(a) && isNaN(b) && one && other) return words.compare(one, other);
    return isNaN(a) - isNaN(b) || (one === "") - (other === "");
  }

  function addSorting(table, rows) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      if (!said(heading)) return;
      const button = make("button", { type: "button" });
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const order = ORDERS[(ORDERS.indexOf(heading.getAttribute("aria-sort") ?? "none") + 1) % ORDERS.length];
        for (const one of headings) one.removeAttribute("aria-sort");
        if (order !== "none") heading.setAttribute("aria-sort", order);
        const way = { ascending: 1, descending: -1, none: 0 }[order];
        const keys = new Map(rows.map((row) => [row, said(row.cells[column])]));
        const sorted = [...rows].sort((one, other) => way * compare(keys.get(one), keys.get(other)));
        table.tBodies[0].append(...sorted);
      });
    });
  }

  function addFilter(table, rows, number) {
    const input = make("input", { type: "search", id: `rows-with-${number}`, autocomplete: "off" });
    const label = make("label", { htmlFor: input.id, textContent: "Rows with" });
    const status = make("span", { role: "status" });
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word));
      }
      const left = rows.filter((row) => !row.hidden).length;
      status.textContent = wanted.length ? `${left} of ${rows.length}` : "";
    });
    const field = make("div", { className: "rows-with" });
    field.append(label, input, status);
    (table.closest(".lossviz-table, .pst-scrollable-table-container") ?? table).before(field);
  }

  document.querySelectorAll("table[data-long]").forEach((table, number) => {
    const rows = [...table.tBodies[0].rows];
    addSorting(table, rows);
    addFilter(table, rows, number);
  });
})();
