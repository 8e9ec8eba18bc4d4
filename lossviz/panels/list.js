// The kinds of panels there are. Nothing else in the script asks for a kind by its name.

import { barsPanel } from "./bars.js";
import { cellsPanel } from "./cells.js";
import { curvesPanel } from "./curves.js";
import { latticePanel } from "./lattice.js";
import { mapPanel } from "./map.js";
import { maskPanel } from "./mask.js";
import { planePanel } from "./plane.js";
import { trainingPanel } from "./training.js";

export const PANELS = {
  curves: curvesPanel,
  bars: barsPanel,
  map: mapPanel,
  cells: cellsPanel,
  mask: maskPanel,
  plane: planePanel,
  lattice: latticePanel,
  training: trainingPanel,
};
