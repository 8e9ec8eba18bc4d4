"""The README's pictures, taken from the built site by a Chromium: a chapter, and an explorer that moves."""

import io
import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))
from tools import hosts

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
FOLDER = ROOT / ".github" / "pictures"
CHAPTER = "notebooks/regression/smooth_l1_loss.html"
EXPLORER, SLIDER = "book/start.html", "input[data-control=beta]"
WINDOW = {"width": 1280, "height": 800}
WIDTH = 640  # pixels of the moving picture
STEPS, FRAME_MS, REST_MS = 16, 90, 900
COLOURS, QUALITY = 64, 45


def main() -> None:
    if not (SITE / "index.html").is_file():
        sys.exit("There is no built site: make book")
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with hosts.chromium() as browser, hosts.files(SITE) as site:
            page = browser.new_page(viewport=WINDOW, color_scheme="light")
            take_chapter(page, site)
            take_explorer(page, site)
    except hosts.HostError as error:
        sys.exit(f"No pictures: {error}")
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} kB")


def take_chapter(page, site: str) -> None:
    page.goto(f"{site}/{CHAPTER}#explore")
    explorer = page.locator(".lossviz").first
    explorer.wait_for()
    page.wait_for_load_state("networkidle")
    explorer.evaluate("e => e.scrollIntoView({ block: 'end' })")
    page.wait_for_timeout(REST_MS)  # the side bar follows
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / "chapter.png", optimize=True)


def take_explorer(page, site: str) -> None:
    """The slider goes up and down again, with a rest at both ends."""
    page.goto(f"{site}/{EXPLORER}")
    explorer = page.locator(".lossviz").first
    slider = explorer.locator(SLIDER)
    slider.wait_for()
    last = int(slider.get_attribute("max"))
    up = [round(last * k / STEPS) for k in range(STEPS + 1)]
    frames = []
    for index in up:
        slider.evaluate(
            "(e, i) => { e.value = i; e.dispatchEvent(new Event('input', { bubbles: true })) }", index
        )
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        picture = Image.open(io.BytesIO(explorer.screenshot())).convert("RGB")
        size = WIDTH, round(picture.height * WIDTH / picture.width)
        frames.append(picture.resize(size, Image.LANCZOS))
    frames += frames[-2:0:-1]
    times = [REST_MS if k in (0, STEPS) else FRAME_MS for k in range(len(frames))]
    first, *others = frames
    moving = {"save_all": True, "append_images": others, "duration": times, "loop": 0}
    first.save(FOLDER / "explorer.webp", quality=QUALITY, method=6, **moving)


if __name__ == "__main__":
    main()
