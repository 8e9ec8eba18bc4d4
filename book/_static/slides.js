// A deck: the next step with →, space, PageDown or a presenter's button, which on a question is its answer; s opens the
// speaker's notes, f fills the screen, o shows all slides, d changes between light and dark. On an explorer the arrow
// keys move its slider.
(() => {
  "use strict";
  // Projectors are 16 to 9 or 4 to 3: a slide has the shape of the window, or the type would shrink with its margins.
  const HEIGHT = 720;
  const WIDTH = HEIGHT * Math.min(16 / 9, Math.max(4 / 3, innerWidth / innerHeight));
  const page = document.documentElement;

  /** The theme that the reader chose on the pages, else the system's. */
  function theme() {
    let chosen = null;
    try {
      chosen = localStorage.getItem("mode"); // by the theme's switch: light, dark or auto
    } catch {
      // a browser that keeps nothing
    }
    if (chosen === "light" || chosen === "dark") return chosen;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  page.dataset.theme = theme();

  /** What is taller than the slide is drawn smaller, never cut off. */
  function fit(box) {
    const scale = Math.min(1, HEIGHT / box.offsetHeight);
    box.style.transform = scale < 1 ? `scale(${scale})` : "";
  }

  const changeTheme = () => (page.dataset.theme = page.dataset.theme === "dark" ? "light" : "dark");
  const letGo = () => {
    document.dispatchEvent(new Event("lossviz-stop"));
    if (document.activeElement?.closest(".lossviz")) document.activeElement.blur();
  };

  // A slider that was touched keeps the keyboard until the next slide or Esc. What turns pages, opens the notes or
  // changes the theme works all the same.
  const deckKeys = {
    PageDown: () => Reveal.next(),
    PageUp: () => Reveal.prev(),
    Escape: letGo,
    s: () => Reveal.getPlugin("notes").open(),
    d: changeTheme,
  };
  addEventListener(
    "keydown",
    (event) => {
      const explorer = event.target.closest?.(".lossviz");
      const presents = explorer?.classList.contains("present");
      if (!explorer || !deckKeys[event.key] || (presents && event.key !== "d")) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      deckKeys[event.key]();
    },
    { capture: true },
  );

  const boxes = document.querySelectorAll(".fit");
  const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => target.offsetHeight && fit(target)));
  boxes.forEach((box) => observer.observe(box));

  Reveal.initialize({
    width: WIDTH,
    height: HEIGHT,
    margin: 0.06,
    center: false,
    hash: true,
    navigationMode: "linear",
    slideNumber: "c/t",
    transition: "none",
    plugins: [RevealNotes],
    // An explorer keeps the keys that it understands to itself; see explorer.js.
    keyboard: { 68: changeTheme },
    pdfSeparateFragments: false,
  });
  Reveal.on("slidechanged", letGo);

  const openAnswer = (isOpen) => (event) => {
    if (event.fragment.dataset.reveals !== "answer") return;
    for (const right of event.fragment.closest("section").querySelectorAll("details.right")) right.open = isOpen;
  };
  Reveal.on("fragmentshown", openAnswer(true));
  Reveal.on("fragmenthidden", openAnswer(false));
})();
