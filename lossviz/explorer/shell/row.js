// Explorers side by side keep the controls that they share in step.

import { positionOf, valueAt } from "../positions.js";

/** Leads the other explorers of the row, and follows them. */
export function joinRow({ spec, root, store, on, listen }) {
  if (!spec.linked) return;
  const { group, names } = spec.linked;
  let follows = false; // what follows does not lead, or two would push each other for ever

  on("moved", (name) => {
    if (follows || !names.includes(name)) return;
    const detail = { from: root, group, name, value: valueAt(store.byName[name], store.state.index[name]) };
    document.dispatchEvent(new CustomEvent("lossviz-moved", { detail }));
  });

  listen(document, "lossviz-moved", ({ detail }) => {
    if (detail.from === root || detail.group !== group || !names.includes(detail.name)) return;
    follows = true;
    store.set(detail.name, positionOf(store.byName[detail.name], detail.value));
    follows = false;
  });
}
