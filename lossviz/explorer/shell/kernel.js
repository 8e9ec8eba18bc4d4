// Whether Python still hears the explorer. ipywidgets tells its views of a restart alone, not of a kernel that died or
// was shut down.

import { html } from "../elements.js";

const GONE = new Set(["autorestarting", "dead", "restarting", "terminating"]);

/** The words that stand below an explorer once it is cut off; returns what ends the watch. */
export function addCutOff({ root }, model) {
  html(
    root,
    "p",
    { class: "cut-off" },
    "Cut off from Python: the kernel is gone and hears of no move. Run the cell again.",
  );
  const session = model.widget_manager?.context?.sessionContext;
  if (!session) return () => {};

  const cutOff = () => root.setAttribute("data-cut-off", "");
  const heard = (_, status) => GONE.has(status) && cutOff();
  const left = (_, { oldValue }) => oldValue && cutOff();
  session.statusChanged.connect(heard);
  session.kernelChanged.connect(left);
  return () => {
    session.statusChanged.disconnect(heard);
    session.kernelChanged.disconnect(left);
  };
}
