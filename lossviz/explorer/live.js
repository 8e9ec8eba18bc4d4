// What anywidget loads for each explorer, so it is short: the code and the styles that all explorers share come once a
// kernel, in a model of their own, and run once a page and version.

const shared = (globalThis[Symbol.for("lossviz")] ??= {}); // JupyterLab loads this module anew for every widget

async function load(code) {
  const url = URL.createObjectURL(new Blob([code.get("module")], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The styles, once in the document or in the shadow root that the explorer stands in. */
function addStyle(el, code) {
  const root = el.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  if (home.querySelector(`style[data-lossviz="${code.get("digest")}"]`)) return;
  const style = document.createElement("style");
  style.dataset.lossviz = code.get("digest");
  style.textContent = code.get("style");
  home.append(style);
}

/** Without its code the explorer is a picture with its words, which Python sends when it is asked. */
function showStill({ model, el }) {
  const picture = document.createElement("img");
  picture.style.maxWidth = "100%";
  picture.alt = model.get("spec").title;
  el.replaceChildren(picture);
  model.on("msg:custom", ({ still, words }) => {
    if (still) Object.assign(picture, { src: `data:image/png;base64,${still}`, alt: words });
  });
  model.send({ want: "still" });
}

export default {
  async render({ model, el }) {
    try {
      const code = await model.widget_manager.get_model(model.get("code").replace("IPY_MODEL_", ""));
      const digest = code.get("digest");
      const { render } = await (shared[digest] ??= load(code));
      addStyle(el, code);
      return render({ model, el });
    } catch (error) {
      console.error(error);
      showStill({ model, el });
    }
  },
};
