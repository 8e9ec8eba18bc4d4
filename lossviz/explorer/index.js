// The explorer draws what Python computed. It knows no formula: every number on the screen is read from the table that
// came with the widget, so the picture is what the reader's own functions returned.

import { mountAll } from "./page.js";
import { render } from "./shell/render.js";

export default { mountAll, render };
