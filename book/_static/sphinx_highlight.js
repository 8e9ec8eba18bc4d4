// Highlights on a page what the search found in the section that it led to. In the place of Sphinx's script of this name,
// which wraps each match, and each part of a word that looks like one, in an element of its own, in formulas and explorers
// too. This one leaves the page's elements alone: where a browser cannot highlight so, the section is opened all the same.
(() => {
  "use strict";
  const url = new URL(location.href);
  const words = url.searchParams.getAll("highlight").filter((word) => word.trim());
  if (!words.length) return;
  url.searchParams.delete("highlight");
  history.replaceState(history.state, "", url); // a link to the page, or to an explorer of it, is one without these words

  /** The words in the text of a section as ranges, across elements: a name in code is often several. */
  function ranges(section) {
    const nodes = [];
    let text = "";
    const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest("script, style, noscript, .lossviz, .lossviz-page")
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
    );
    while (walker.nextNode()) {
      nodes.push([text.length, walker.currentNode]);
      text += walker.currentNode.data;
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

  const isBelow = (box) => box.top > innerHeight - 40;

  addEventListener("load", () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const found = ranges(document.getElementById(id) ?? document.querySelector("article"));
    if (globalThis.Highlight && CSS.highlights) CSS.highlights.set("search", new Highlight(...found));
    // In a long section the reader is led on to the match, unless one is in sight or all are folded away.
    const open = found.map((range) => [range, range.getBoundingClientRect()]).filter(([, box]) => box.height);
    if (open.length && open.every(([, box]) => isBelow(box))) {
      open[0][0].startContainer.parentElement.scrollIntoView({ block: "center" });
    }
  });
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") globalThis.CSS?.highlights?.delete("search");
  });
})();
