// How the search ranks what it found: Sphinx's own weights, and the chapters first, foremost the one that is named.
var Scorer = {
  score: ([page, , , , score]) => {
    const asked = (new URLSearchParams(location.search).get("q") ?? "").toLowerCase().split(".").at(-1);
    const bare = (text) => text.replace(/[^a-z0-9]|loss$/g, "");
    const short = {
      mae: "l1",
      mse: "mse",
      ce: "crossentropy",
      bce: "binarycrossentropy",
      kl: "kldiv",
      huber: "smoothl1",
    };
    const name = short[bare(asked)] ?? bare(asked);
    const chapter = page.startsWith("notebooks/");
    return score + (chapter ? 3 : 0) + (chapter && bare(page.split("/").at(-1)) === name ? 30 : 0);
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
