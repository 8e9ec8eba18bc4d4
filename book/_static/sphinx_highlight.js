// What the search found in a section is highlighted on the page that its result leads to. This stands in the place of
// Sphinx's script of the same name, which wraps each match, and each part of a word that looks like one, in an element of
// its own, in formulas and explorers too. Here the page's elements stay: where a browser cannot highlight so, the section
// is opened all the same.
(() => {
  "use strict";
  const UNREAD = "script, style, noscript, .lossviz, .lossviz-page, .tag_solution"; // as by the search
  const BLOCKS = "p, li, td, th, dt, dd, pre, div, summary, h1, h2, h3, h4, section";

  const url = new URL(location.href);
  const words = url.searchParams.getAll("highlight").filter((word) => word.trim());
  const place = url.searchParams.get("row");
  if (!words.length && place === null) return;
  // A link to the page, or to an explorer of it, is one without these words.
  for (const name of ["highlight", "row"]) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);

  /** The words in the text of a section as ranges, across elements: a name in code is often several. */
  function ranges(section) {
    if (!words.length) return [];
    const nodes = [];
    let text = "";
    const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest(UNREAD) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    );
    let block = null;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      // Two words that nothing but the end of a block keeps apart are two.
      if (block !== (block = node.parentElement.closest(BLOCKS))) text += "\n";
      nodes.push([text.length, node]);
      text += node.data;
    }
    const at = (place) => {
      const [start, node] = nodes.findLast(([begin]) => begin <= place);
      return [node, place - start];
    };
    const literal = (word) =>
      word
        .trim()
        .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
        .replace(/\s+/g, "\\s*");
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(literal).join("|")})(?![\\p{L}\\p{N}])`, "giu");
    return Array.from(text.matchAll(pattern), (match) => {
      const range = new Range();
      range.setStart(...at(match.index));
      const [node, offset] = at(match.index + match[0].length - 1);
      range.setEnd(node, offset + 1);
      return range;
    });
  }

  /** What was found in a section: its words, or of a table of symptoms the row, whose words may be those of its names. */
  function found(section) {
    const rows = section.querySelectorAll("tr:has([data-symptoms=row])");
    const row = place === null ? undefined : rows[place];
    const inText = ranges(row ?? section);
    if (inText.length || !row) return inText;
    const range = new Range();
    range.selectNodeContents(row);
    return [range];
  }

  const parent = ({ startContainer: node }) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node);
  const isOpen = (range) => parent(range).checkVisibility(); // what is folded away has a size nevertheless

  /** Where all that was found is folded away, the first place is unfolded. */
  function unfold(places) {
    if (!places.length || places.some(isOpen)) return;
    for (let fold = parent(places[0]); fold; fold = fold.parentElement) if (fold.matches("details")) fold.open = true;
  }

  /** In a long section the reader is led on to the first place, unless one is in sight. */
  function leadOn(places) {
    const open = places.filter(isOpen);
    if (open.length && open.every((range) => range.getBoundingClientRect().bottom > innerHeight)) {
      parent(open[0]).scrollIntoView({ block: "center" });
    }
  }

  addEventListener("load", () => {
    const places = found(document.querySelector(":target") ?? document.querySelector("article"));
    unfold(places);
    if (globalThis.Highlight) CSS.highlights.set("search", new Highlight(...places));
    // The browser goes to the section itself first.
    requestAnimationFrame(() => requestAnimationFrame(() => leadOn(places)));
  });
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") globalThis.CSS?.highlights?.delete("search");
  });
})();
