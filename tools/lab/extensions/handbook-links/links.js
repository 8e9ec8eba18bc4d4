// Links to a section or an explorer end there in JupyterLab too.
//
// The handbook's links name a section as GitHub and the site do: #softmax-twice. JupyterLab names it by its own text,
// #Softmax-twice, and looks for it before a notebook that it has just opened is drawn, so such a link ended at the top.

const OPENED = "rendermime:handle-local-link"; // JupyterLab's command behind a link to a file
const HEADINGS = ":is(h1, h2, h3, h4, h5, h6)";
const PATIENCE = 60_000; // ms for a notebook to be drawn, from its top on: a slow machine takes long for a long one
const AT_REST = 30; // frames without a move, after which the place is taken to be the last

/** A text as the part of an address: of a heading, as GitHub and the site make it. */
function slug(text) {
  const words = text.trim().toLowerCase().replaceAll(" ", "-");
  return words.replace(/[^\p{L}\p{N}_-]/gu, "");
}

/** A text as the name of an explorer in links, as lossviz makes it. */
function linkName(text) {
  return text.replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^-|-$/g, "");
}

/** The heading that an anchor means. JupyterLab keeps the text of a heading beside it, before formulas are drawn. */
function heading(panel, anchor) {
  const all = [...panel.node.querySelectorAll(`${HEADINGS}[data-jupyter-id]`)];
  return all.find((element) => slug(element.dataset.jupyterId) === anchor);
}

/** The cell that makes the explorer of this name, as `lossviz.demo` finds it: by the words of the call. */
function explorer(panel, name) {
  const seen = {};
  for (const cell of panel.content.widgets ?? []) {
    if (cell.model.type !== "code") continue;
    for (const own of explorerNames(cell.model.sharedModel.getSource())) {
      seen[own] = (seen[own] ?? 0) + 1;
      if ((seen[own] === 1 ? own : `${own}-${seen[own]}`) === name) return cell.node;
    }
  }
}

/** The names of the explorers that a cell shows with its last call. */
function explorerNames(source) {
  const last = source.match(/^(?:explore\w*|side_by_side)\([^]*/m)?.[0] ?? "";
  const calls = last.split(/(?=\bexplore\w*\()/).filter((call) => call.startsWith("explore"));
  const told = (call, key) => call.match(new RegExp(`\\b${key}="([^"]+)"`))?.[1];
  return calls
    .map((call) => told(call, "name") ?? told(call, "title")?.toLowerCase())
    .filter(Boolean)
    .map(linkName);
}

function find(panel, hash) {
  const fragment = decodeURIComponent(hash.slice(1));
  const name = new URLSearchParams(hash.slice(1)).get("explorer");
  return name ? explorer(panel, name) : heading(panel, fragment);
}

/** Whether all of a page is there: a notebook's cells come one by one. */
function isDrawn(panel) {
  return panel.content.widgets?.every((cell) => cell.node.isConnected) ?? true;
}

/** Goes to the place, and stays there while what stands above it is drawn, until the reader moves. */
async function land(panel, hash) {
  await panel.context.ready;
  const moved = new AbortController();
  for (const type of ["wheel", "pointerdown", "keydown"])
    window.addEventListener(type, () => moved.abort(), { capture: true, signal: moved.signal });
  const end = performance.now() + PATIENCE;
  for (let rest = 0, top; rest < AT_REST && performance.now() < end && !moved.signal.aborted;) {
    const place = find(panel, hash);
    const drawn = place?.isConnected; // a cell is there before it is in the page
    if (drawn) place.scrollIntoView();
    const now = drawn && place.getBoundingClientRect().top;
    const settled = place ? drawn && now === top : isDrawn(panel);
    rest = settled ? rest + 1 : 0;
    top = now;
    await new Promise(requestAnimationFrame);
  }
  moved.abort();
}

function activate(app) {
  const panels = () => [...app.shell.widgets("main")].filter((widget) => widget.context && widget.content);
  app.commands.commandExecuted.connect(async (_, { id, args, result }) => {
    if (id !== OPENED || !args.id) return;
    await result;
    const panel = panels().find((one) => one.context.path === args.path);
    if (panel) land(panel, args.id);
  });
  // Within a page JupyterLab asks nobody; a place that it finds itself is left to it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".jp-RenderedMarkdown a[href^='#']");
    const panel = link && !event.defaultPrevented && panels().find((one) => one.node.contains(link));
    if (!panel || !find(panel, link.hash)) return;
    event.preventDefault();
    land(panel, link.hash);
  });
}

// What JupyterLab asks of a prebuilt extension, without a build: a container with one module, whose default is the
// plugin. The names are for the tests.
const plugin = { id: "handbook-links:plugin", autoStart: true, activate };
(globalThis._JUPYTERLAB ??= {})["handbook-links"] = {
  init() {},
  get: async () => () => ({ __esModule: true, default: plugin, slug, explorerNames }),
};
