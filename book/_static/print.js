// Paper is white: a page that is dark on the screen is printed in the light theme.
(() => {
  "use strict";
  const { dataset } = document.documentElement;
  let shown = null;

  addEventListener("beforeprint", () => {
    shown ??= dataset.theme;
    dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    if (shown) dataset.theme = shown;
    shown = null;
  });
})();
