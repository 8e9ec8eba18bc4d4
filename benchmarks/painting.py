"""What a step of a stroke costs: a pointer that goes from pixel to pixel of a mask, on a page."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import sample
from benchmarks.drawing import ISOLATION, PAGE
from tools import hosts

SIDES = (8, 16)
STROKES = 4  # over all pixels: two that paint, and two that clear
STROKE = Path(__file__).with_name("painting.js")


@dataclass(frozen=True)
class Result:
    """Milliseconds of each step: of the script that hears of it, and to the end of the frame."""

    name: str
    script: list[float]
    painted: list[float]


def measure(browser, say) -> list[Result]:
    results = []
    with tempfile.TemporaryDirectory() as name, hosts.files(Path(name), ISOLATION) as site:
        for side in SIDES:
            say(f"strokes over {side} x {side} pixels")
            (Path(name) / f"{side}.html").write_text(PAGE + sample.mask(side).to_html(), "utf-8")
            page = browser.new_page(viewport={"width": 1300, "height": 900})
            page.goto(f"{site}/{side}.html")
            page.wait_for_selector(".lossviz svg .grab", state="attached")
            page.wait_for_timeout(500)
            page.evaluate(STROKE.read_text("utf-8"))
            steps = page.evaluate("([side, strokes]) => stroke(side, strokes)", [side, STROKES])
            page.close()
            half = steps[len(steps) // 2 :]  # the first strokes warm up
            results.append(
                Result(f"{side} x {side}, page", *([s[key] for s in half] for key in ("script", "painted")))
            )
    return results
