"""Measures the explorer against its alternatives and prints the numbers beside the targets: `make bench`.

Nothing here fails for being slow: the numbers of one run compare with each other, not with another machine's.
"""

import os
import sys
import time
from collections import Counter

from benchmarks import chapters, drawing, live, memory, messages, moves, pages, painting, watching
from benchmarks.drawing import median, p95
from tools import hosts

SCRIPT_TIMES_PAGE, SCRIPT_TIMES_LIVE = 2.5, 3.5  # of one line's script
TIMES_FASTER = 25
DATA_KB = 30
FIRST_VISIT_KB = 200
NEXT_VISIT_KB = 75  # without what the pages share
TABLE_SECONDS = 0.5
STROKE_MS = 1
WATCH_SHARE = 0.05  # of a training step

started = time.perf_counter()


def say(what):
    print(f"  {time.perf_counter() - started:4.0f} s  {what}", flush=True)


def heading(text):
    print(f"\n{text}\n{'-' * len(text)}")


def verdict(met, text):
    print(f"{'met    ' if met else 'NOT met'}  {text}")


def pair(times, digits):
    return f"{median(times):.{digits}f} / {p95(times):.{digits}f}"


def report_drawing(results):
    line, page, live, *others = results
    heading("From slider input to drawing, in ms: median / 95 of 100")
    print(f"{'':24}{'script':>15}{'drawing changed':>20}{'frame painted':>18}{'busy/step':>11}{'frames':>13}")
    for r in results:
        script = "in the kernel" if r in others else pair(r.script, 2)
        changed, painted, frames = pair(r.changed, 2), pair(r.painted, 1), f"{r.shown} of {r.due}"
        print(f"{r.name:24}{script:>15}{changed:>20}{painted:>18}{r.busy:>11.2f}{frames:>13}")
    print(
        "The explorer draws probe, tangent, ghost, marks and three more curves, the live others two curves.\n"
        "Input comes at the start of a frame. busy/step: the page's main thread during the sweeps, in all.\n"
        "frames: those that showed something new, of those that should have, in "
        f"{drawing.SWEEPS} sweeps of\n{drawing.SWEEP_STEPS} steps sent 16 ms apart.\n"
    )
    for r in others:
        changed = median(r.changed) / median(live.changed)
        painted = median(r.painted) / median(live.painted)
        print(f"{r.name} takes {changed:.0f} times as long to change its drawing, {painted:.0f} to paint it")
    print()
    for r, limit in ((page, SCRIPT_TIMES_PAGE), (live, SCRIPT_TIMES_LIVE)):
        script = p95(r.script) / p95(line.script)
        verdict(script <= limit, f"{r.name}: script at p95 <= {limit:g} times that of one line: {script:.1f}")
        frames = f"{r.shown} of {r.due}; one line: {line.shown} of {line.due}"
        verdict(r.shown >= r.due, f"{r.name}: all frames of a 60 Hz sweep painted: {frames}")
    best = min(others, key=lambda r: median(r.changed))
    times = median(best.changed) / median(live.changed)
    verdict(
        times >= TIMES_FASTER, f"live, changes >= {TIMES_FASTER} times sooner than {best.name}: {times:.0f}"
    )


def report_painting(results):
    heading("Painting: a step of a stroke, in ms: median / 95 of 100")
    print(f"{'':24}{'script':>15}{'frame painted':>18}")
    for r in results:
        print(f"{r.name:24}{pair(r.script, 2):>15}{pair(r.painted, 1):>18}")
    print()
    for r in results:
        script = p95(r.script)
        verdict(script < STROKE_MS, f"{r.name}: script of a step at p95 < {STROKE_MS} ms: {script:.2f}")


def report_input(results):
    heading("Input: steps lost, and moves back")
    print(f"{'':24}{'keys: lost':>14}{'back':>6}{'drag: lost':>16}{'back':>6}{'sweep: lost':>19}{'back':>6}")
    for r in results:
        row = f"{r.name:24}{r.keys.lost:>8} of {r.keys.due:2}{r.keys.back:>6}"
        row += f"{r.drag.lost:>9} of {r.drag.due:3}{r.drag.back:>6}"
        print(row + (f"{r.sweep.lost:>13} of {r.sweep.due:2}{r.sweep.back:>6}" if r.sweep else ""))
    print(
        f"{moves.PRESSES} keys {1000 * moves.PRESS_EVERY:.0f} ms apart, a drag of {moves.DRAG_MOVES} moves, "
        f"{moves.SWEEP_MS / 1000:g} s of a sweep.\n"
    )
    page, explorer, _ = results
    verdict(explorer.keys.lost == 0, f"no step lost by key: {explorer.keys.lost} of {explorer.keys.due}")
    back = explorer.keys.back + explorer.drag.back + explorer.sweep.back
    verdict(back == 0, f"no move back by key, drag or sweep: {back}")
    lost = [(r.keys.lost, r.drag.lost) for r in (page, explorer)]
    alike = lost[0] == lost[1] and explorer.sweep.lost <= max(1, page.sweep.lost)
    verdict(alike, "live as static")


def report_kept(results):
    heading(f"One cell run {memory.RUNS} times: held after {memory.SETTLED} runs, and after all")
    names = ("models in the kernel", "models in the page", "kernel, MB", "page, MB")
    print(f"{'':14}" + "".join(f"{name:>24}" for name in names))
    for r in results:
        models = [f"{getattr(h, f'{where}_models')}" for where in ("kernel", "page") for h in r.held]
        sizes = [f"{getattr(h, where) / 1e6:.1f}" for where in ("kernel", "page") for h in r.held]
        pairs = zip(*[iter(models + sizes)] * 2, strict=True)
        print(f"{r.name:14}" + "".join(f"{before + ', ' + after:>24}" for before, after in pairs))
    print()
    explorer, _ = results
    verdict(memory.is_flat(*explorer.held), f"explorer: flat after the first {memory.SETTLED} runs")
    heading("Sent to the page for one explorer, kB: for the first, the second, and of it what came before")
    for r in results:
        print(f"{r.name:14}{r.first / 1000:>10.1f}{r.second / 1000:>10.1f}{r.repeated / 1000:>10.1f}")
    print()
    verdict(
        explorer.repeated < messages.FEW,
        f"script and style sent once: {explorer.repeated / 1000:.1f} kB of the second came before",
    )


def report_watching(cost):
    heading("A training step of a small CNN on the CPU, in ms")
    print(f"{'plain':24}{cost.plain:>15.2f}")
    print(f"{'within diagnose.watch()':24}{cost.watched:>15.2f}")
    count = watching.ROUNDS * watching.STEPS
    print(f"{count} steps of {watching.BATCH} images, of which the rules looked at {cost.looks}.\n")
    verdict(cost.share < WATCH_SHARE, f"watch() adds < {WATCH_SHARE:.0%} to the step: {cost.share:.1%}")


def report_chapters(found, page, browser):
    heading("Explorers: seconds to make one, kB of data gzipped")
    for chapter in found:
        for title, seconds in chapter.build.items():
            kilobytes = chapter.data[title] / 1000
            print(f"{chapter.name:34}{title:40}{seconds:7.3f} s{kilobytes:8.1f} kB")
    print()
    seconds, slowest = max((s, f"{c.name}: {title}") for c in found for title, s in c.build.items())
    size, largest = max((s / 1000, f"{c.name}: {title}") for c in found for title, s in c.data.items())
    verdict(seconds < TABLE_SECONDS, f"made in < {TABLE_SECONDS} s: at most {seconds:.2f} s ({slowest})")
    verdict(size <= DATA_KB, f"<= {DATA_KB} kB of data gzipped: at most {size:.1f} kB ({largest})")
    heading("Seconds of each chapter, the start of its kernel included, and the kernel's memory")
    print(f"{'':34}{'executed':>12}{'page built':>12}{'browser tests':>15}{'memory':>11}")
    for chapter in found:
        times = f"{chapter.seconds:10.1f} s{page[chapter.name]:10.1f} s{browser[chapter.name]:13.1f} s"
        print(f"{chapter.name:34}{times}{chapter.memory / 1e6:8.0f} MB")


def report_pages(found):
    heading("Pages of chapters: kB raw (gzipped) of all that a page loads, by kind")
    print(f"{'':34}" + "".join(f"{kind:>13}" for kind in [*pages.KINDS, "first visit", "next"]))
    for name, page in found.items():
        sizes = [f"{page.raw[kind] / 1000:.0f} ({page.small[kind] / 1000:.0f})" for kind in pages.KINDS]
        sizes += [f"{page.first / 1000:.0f}", f"{page.next / 1000:.0f}"]
        print(f"{name:34}" + "".join(f"{size:>13}" for size in sizes))
    print()
    for what, limit in (("first", FIRST_VISIT_KB), ("next", NEXT_VISIT_KB)):
        name = max(found, key=lambda name: getattr(found[name], what))
        most = getattr(found[name], what) / 1000
        verdict(
            most < limit, f"{what} visit of a chapter < {limit} kB gzipped: at most {most:.0f} kB ({name})"
        )


def main():
    load = os.getloadavg()[0]
    print(
        f"Measuring on {os.cpu_count()} processors, load {load:.1f}. A busy machine makes every number worse."
    )
    say("training with and without diagnose.watch()")
    report_watching(watching.measure())
    with hosts.chromium() as browser:
        report_drawing(drawing.measure(browser, say))
        report_painting(painting.measure(browser, say))
        inputs, kept = live.measure(browser, say)
        report_input(inputs)
        report_kept(kept)
        if pages.chapters():
            report_pages(pages.measure(browser, say))
        else:
            print("\nNo pages to weigh: there is no built site. Build it: make book")
    found = []
    for path in chapters.paths():
        say(f"executing {path.stem}")
        found.append(chapters.execute(path))
    say("building the pages")
    page = chapters.page_seconds()
    say("testing the pages in the browser")
    browser = chapters.browser_seconds() if pages.chapters() else Counter()
    report_chapters(found, page, browser)
    quickest = min(zip(found, chapters.paths(), strict=True), key=lambda pair: pair[0].seconds)[1]
    say(f"testing {quickest.stem}")
    print(f"\n{quickest.stem} alone, pytest's start included: {chapters.nbval_seconds(quickest):.1f} s")
    print(f"\nMeasured in {time.perf_counter() - started:.0f} s.")


try:
    main()
except hosts.HostError as error:
    sys.exit(f"Cannot measure: {error}")
