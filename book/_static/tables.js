// Long tables, marked data-long: a button in each heading sorts the rows, a field above leaves those with some words,
// and with some numbers, as far as their digits go.
// Without this script the table is there as it was written.
const handbookTables = (() => {
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

  const decimals = (number) => number.split(".")[1].length;
  /** Whether two numbers with a point are the same to the digits that both have; a number may also be cut off. */
  function agree(one, other) {
    const unit = 10 ** -Math.min(decimals(one), decimals(other));
    const [a, b] = [Number(one), Number(other)];
    const near = Math.abs(a - b) <= (unit / 2) * (1 + 1e-9);
    return near || (a * b > 0 && Math.floor(Math.abs(a) / unit + 1e-6) === Math.floor(Math.abs(b) / unit + 1e-6));
  }

  /** Whether a text has a word, or, where that is a number with two digits or more after its point, such a number. */
  function has(text, word) {
    const plain = text.toLowerCase().replaceAll("−", "-");
    const wanted = word.toLowerCase().replaceAll("−", "-");
    if (plain.includes(wanted)) return true;
    if (!/^[-+]?\d*\.\d{2,}$/.test(wanted)) return false;
    return (plain.match(/(?<![\w.])-?\d*\.\d{2,}(?![\w.])/g) ?? []).some((number) => agree(number, wanted));
  }

  function addFilter(table, rows, number) {
    const input = make("input", { type: "search", id: `rows-with-${number}`, autocomplete: "off" });
    const label = make("label", { htmlFor: input.id, textContent: "Rows with" });
    const status = make("span", { role: "status" });
    input.addEventListener("input", () => {
      const wanted = input.value.split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const texts = [...row.cells].map((cell) => cell.textContent);
        row.hidden = !wanted.every((word) => has(texts.join("\n"), word));
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
  return { has };
})();
