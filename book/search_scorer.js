// How the search ranks what it found: Sphinx's own weights, and the chapters first, foremost the one that is named.
var Scorer = {
  score: ([page, , , , score]) => {
    const asked = (new URLSearchParams(location.search).get("q") ?? "").trim().toLowerCase().split(".").at(-1);
    return score + (page.startsWith("notebooks/") ? 3 : 0) + (page.endsWith(`/${asked}`) ? 30 : 0);
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
