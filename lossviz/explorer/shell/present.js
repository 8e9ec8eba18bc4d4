// Present mode: full screen where the host allows it, else the browser's top layer.

/** Whether this page stands in a frame that is taller than any screen, as course platforms make them. */
const isTallFrame = () => window !== window.top && innerHeight > 1.2 * screen.availHeight;

export function addPresent({ root, tell, listen }) {
  const isOn = () => root.classList.contains("present");

  function show(on) {
    root.classList.toggle("present", on);
    tell("presented", on);
    tell("resized");
    // A link opens it before the reader has seen where on the page it stands.
    if (!on) root.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /** In a frame as tall as its page "the whole window" is mostly out of sight: it opens where the reader is. */
  function fitFrame() {
    const height = Math.min(screen.availHeight, innerHeight);
    const top = Math.min(Math.max(0, root.getBoundingClientRect().top), innerHeight - height);
    root.style.setProperty("--present-top", `${top}px`);
    root.style.setProperty("--present-height", `${height}px`);
  }

  async function open() {
    if (isTallFrame()) fitFrame();
    try {
      // From a link, without a click or a key, a browser refuses, with a complaint in its console.
      if (navigator.userActivation?.isActive === false) throw new Error("no user activation");
      await root.requestFullscreen();
    } catch {
      root.setAttribute("popover", "manual");
      root.showPopover();
      show(true);
    }
  }

  async function close() {
    if (document.fullscreenElement === root) return document.exitFullscreen();
    root.removeAttribute("popover");
    show(false);
    for (const name of ["--present-top", "--present-height"]) root.style.removeProperty(name);
  }

  listen(root, "fullscreenchange", () => show(document.fullscreenElement === root));

  return {
    isOn,
    async toggle() {
      if (isOn()) return close();
      await open();
      root.focus({ preventScroll: true });
    },
  };
}
