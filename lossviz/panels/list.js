// The kinds of panels there are. Nothing else in the script asks for a kind by its name.

import { barsPanel } from "./bars.js";
import { curvesPanel } from "./curves.js";
import { heatmapPanel } from "./heatmap.js";
import { planePanel } from "./plane.js";
import { trainingPanel } from "./training.js";

export const PANELS = { curves: curvesPanel, bars: barsPanel, heatmap: heatmapPanel, plane: planePanel, training: trainingPanel };
