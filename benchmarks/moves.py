"""Keys, a drag and a sweep on a slider: how far it gets by them, and how often it jumps back."""

import time
from dataclasses import dataclass
from pathlib import Path

LAST = 100  # the slider's positions are 0 … LAST, and its values too
PRESSES, PRESS_EVERY = 60, 0.03  # seconds
DRAG_MOVES, MOVE_EVERY = 150, 0.016
SWEEP_MS = 2500
REST_MS = 500  # without a change: the kernel has answered
SCRIPT = Path(__file__).with_name("moves.js")


@dataclass(frozen=True)
class Kind:
    """Where the parts of a slider are: what has the focus and the value, and what it is dragged along."""

    handle: str
    track: str
    ends: tuple[float, float] = (0, 1)  # of the drag, as parts of the track's width


EXPLORER = Kind(".lossviz input[data-control=value]", ".lossviz input[data-control=value]", (0.01, 1.01))
CHART = Kind(".lossviz input[data-control=probe]", ".lossviz svg[role=img]", (0.15, 0.75))
INT_SLIDER = Kind(".widget-slider .noUi-handle", ".widget-slider .noUi-base", (0, 1.01))


@dataclass(frozen=True)
class Moves:
    """The values that a slider showed during a gesture, from the one before it on, and the steps due."""

    seen: list[float]
    due: int

    @property
    def lost(self) -> int:
        return round(self.due - (self.seen[-1] - self.seen[0]))

    @property
    def back(self) -> int:
        return sum(after < before for before, after in zip(self.seen, self.seen[1:], strict=False))


def press(page, kind, focus=None) -> Moves:
    """The right arrow, PRESSES times; `focus`: what has it, if not the slider that is watched."""

    def gesture():
        for _ in _clock(page, PRESSES, PRESS_EVERY):
            page.keyboard.press("ArrowRight")
        return PRESSES

    return _watch(page, kind, gesture, focus)


def drag(page, kind) -> Moves:
    """From one end to the other."""

    def gesture():
        box = page.locator(kind.track).first.bounding_box()
        height = box["y"] + box["height"] / 2
        first, last = (box["x"] + part * box["width"] for part in kind.ends)
        page.mouse.move(first, height)
        page.mouse.down()
        for i in _clock(page, DRAG_MOVES, MOVE_EVERY):
            page.mouse.move(first + (last - first) * (i + 1) / DRAG_MOVES, height)
        page.mouse.up()
        return LAST

    return _watch(page, kind, gesture)


def sweep(page, kind) -> Moves:
    """The slider's own ▶, stopped before the end."""

    def gesture():
        row = page.locator(".lossviz .control").filter(has=page.locator(kind.handle.split(" ")[-1]))
        return page.evaluate(
            "([button, ms, positions]) => moves.sweep(button, ms, positions)",
            [row.locator("button").element_handle(), SWEEP_MS, LAST + 1],
        )

    return _watch(page, kind, gesture)


def _watch(page, kind, gesture, focus=None) -> Moves:
    page.evaluate(SCRIPT.read_text("utf-8"))
    page.locator(focus or kind.handle).focus()
    watch = "selector => moves.start(selector)"
    page.evaluate(watch, kind.handle)
    page.keyboard.press("Home")
    _wait_for_rest(page)
    page.evaluate(watch, kind.handle)
    due = gesture()
    _wait_for_rest(page)
    return Moves(page.evaluate("moves.stop()"), due)


def _wait_for_rest(page):
    page.wait_for_function("ms => moves.isQuiet(ms)", arg=REST_MS)


def _clock(page, count, seconds):
    """Counts, and waits after each count until it is time for the next."""
    start = time.monotonic()
    for i in range(count):
        yield i
        rest = start + (i + 1) * seconds - time.monotonic()
        if rest > 0:
            page.wait_for_timeout(1000 * rest)
