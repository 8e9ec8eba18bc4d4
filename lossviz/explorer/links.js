// The end of an address that names an explorer and its setting. Pure functions.

/** Names for links: explorers of one id on one page are told apart by their order. */
export function linkNames(ids) {
  const seen = {};
  return ids.map((id) => ((seen[id] = (seen[id] ?? 0) + 1) > 1 ? `${id}-${seen[id]}` : id));
}

/** `#explorer=smooth-l1&beta=0.5` -> {beta: ["0.5"]} when the id fits, else null. */
export function readFragment(hash, id) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  if (fields.get("explorer") !== id) return null;
  fields.delete("explorer");
  return Object.fromEntries([...fields.keys()].map((name) => [name, fields.getAll(name)]));
}

/** The way back: a list of values is written as one field each. */
export function writeFragment(id, fields) {
  const pairs = Object.entries(fields).flatMap(([name, values]) => values.map((value) => [name, value]));
  return "#" + new URLSearchParams([["explorer", id], ...pairs]);
}
