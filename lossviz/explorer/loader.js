// What stands in a page with each explorer: the first to run unpacks the code that all of them share.
const shared = (globalThis[Symbol.for("lossviz")] ??= {});
shared["{digest}"] ??= (async () => {
  const bytes = Uint8Array.from(atob("{packed}"), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const [code, css] = await new Response(stream).json();
  const style = Object.assign(document.createElement("style"), { textContent: css });
  style.dataset.lossviz = "{digest}";
  document.head.append(style);
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return (await import(url)).default;
})();
try {
  (await shared["{digest}"]).mountAll(document);
} catch (error) {
  console.error(error); // the pictures stay
}
