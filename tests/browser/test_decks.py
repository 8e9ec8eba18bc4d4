"""The decks of slides as a teacher uses them: each slide fits, explorers live, the keys do what they say."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.accessibility import BUT_CONTRAST, violations, violations_of_new_looks
from tests.handbook import NOTEBOOKS, SITE

pytestmark = pytest.mark.browser

DECKS = sorted(p.relative_to(SITE).as_posix() for p in SITE.glob("notebooks/*/*-slides.html"))
CHAPTERS = sorted(path.stem for path in NOTEBOOKS)
PROJECTOR = {"width": 1280, "height": 720}
SHOWN = ".slides section.present section.present"
SMALLEST = 0.65  # of the size that the type was meant to have
PIXEL = 1.5

# The slide that is shown: its place, its scale, how far it stands beyond the window, what is not alive in it,
# and folds that are there for nothing, because their code stays at home, or say their name twice.
SLIDE = """() => {
  const slide = Reveal.getCurrentSlide(), box = slide.querySelector('.fit'), at = box.getBoundingClientRect();
  const scale = Number(box.style.transform.match(/scale\\((.*)\\)/)?.[1] ?? 1);
  return {
    slide: Reveal.getSlidePastCount(), title: slide.querySelector('h1, h2, h3')?.textContent ?? '', scale,
    beyond: Math.max(at.bottom - innerHeight, at.right - innerWidth, -at.top, -at.left),
    folds: [...slide.querySelectorAll('details.above-input')].filter(fold => fold.checkVisibility() &&
      (fold.closest('.cell').querySelector('.lossviz, img') ||
        fold.querySelector('.expanded').checkVisibility())).length,
    asleep: slide.querySelectorAll('.lossviz-still').length,
    explorers: slide.querySelectorAll('.lossviz .stage').length, last: Reveal.isLastSlide(),
  };
}"""

# The slides from this one to the next on which axe looks, each as it is when it has come to rest. A step that
# is asked for from here, and not by the keyboard of the driver, takes two fifths of the time.
LOOKED_AT = 20
WALK = f"""async isFirst => {{
  const seen = [], look = {SLIDE};
  const frames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const key = {{ key: 'PageDown', code: 'PageDown', keyCode: 34, bubbles: true, cancelable: true }};
  for (let step = 0; step < 200; step++) {{
    const before = Reveal.getSlidePastCount();
    if (step > 0 || !isFirst) document.body.dispatchEvent(new KeyboardEvent('keydown', key));
    for (let wait = 0; wait === 0 || (wait < 300 && look().asleep); wait++) await frames();
    const now = look();
    if (now.asleep) return [[...seen, now], true];
    if ((isFirst && step === 0) || now.slide !== before) seen.push(now);
    if (now.last || (seen.at(-1) === now && now.slide % {LOOKED_AT} === 3)) return [seen, now.last];
  }}
  return [seen, false];
}}"""


def open_deck(open_page, address):
    page = open_page(address, viewport=PROJECTOR)
    page.evaluate("new Promise(done => Reveal.isReady() ? done() : Reveal.on('ready', done))")
    return page


def settle(page):
    """Two frames: explorers of the slide wake up, and what is too tall is made smaller."""
    expect(page.locator(f"{SHOWN} .lossviz-still")).to_have_count(0)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def violations_in_both_themes(page, within):
    """What axe-core finds in the looks that are new: the theme and the rule."""
    found = []
    for theme in ("light", "dark"):
        found += [(theme, violation) for violation in violations_of_new_looks(page, within)]
        page.keyboard.press("d")
    return found


def test_the_next_key_opens_the_right_answer_on_the_last_slide_too(open_page, site):
    page = open_deck(open_page, f"{site}/{DECKS[0]}")
    page.evaluate(
        """() => {
          const questions = Reveal.getSlides().filter(slide => slide.querySelector('details.right'));
          const { h, v } = Reveal.getIndices(questions.at(-1));
          Reveal.slide(h, v, -1);
        }"""
    )
    right = page.locator("section.present:not(.stack) details.right").last
    expect(right).not_to_have_attribute("open", "")
    for key, is_open in (("PageDown", True), ("PageUp", False), ("ArrowRight", True)):
        page.keyboard.press(key)
        expect(right).to_have_js_property("open", is_open)


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1280, 720), (1920, 1080), (2560, 1080)])
def test_a_deck_takes_the_shape_of_its_projector(open_page, site, width, height):
    page = open_page(f"{site}/{DECKS[0]}", viewport={"width": width, "height": height})
    page.evaluate("new Promise(done => Reveal.isReady() ? done() : Reveal.on('ready', done))")
    box = page.locator(".reveal .slides").bounding_box()
    assert box["height"] > 0.93 * height and box["width"] > 0.93 * min(width, 16 / 9 * height)


def test_every_chapter_has_a_deck_and_names_it(site):
    assert [
        Path(deck).stem.removesuffix("-slides") for deck in sorted(DECKS, key=lambda d: Path(d).stem)
    ] == CHAPTERS
    for deck in DECKS:
        page = (SITE / deck.replace("-slides", "")).read_text("utf-8")
        assert f'href="{Path(deck).name}"' in page and "<!--cell" not in page


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: Path(deck).stem)
def test_every_slide_fits_and_its_explorers_live(open_page, site, deck):
    page = open_deck(open_page, f"{site}/{deck}")
    problems, slides, is_last = [], [], False
    while not is_last:
        found, is_last = page.evaluate(WALK, not slides)
        assert found, f"no slide follows {slides[-1]}"
        slides += found
        here = slides[-1]["slide"]
        if here == 3:  # axe takes its time, and a page shows it the same cells
            problems += violations(page, BUT_CONTRAST)
        if here % LOOKED_AT == 3:
            within = "body" if here == 3 else SHOWN
            problems += [(slides[-1]["title"], *one) for one in violations_in_both_themes(page, within)]
    for one in slides:
        fits = one["scale"] >= SMALLEST and one["beyond"] <= PIXEL
        if not fits or one["asleep"] or one["folds"] or not one["title"]:
            problems.append(one)
    assert problems == []
    assert len({one["slide"] for one in slides}) == len(slides) >= 12
    explorers = sum(one["explorers"] for one in slides)
    assert explorers == (SITE / deck).read_text("utf-8").count('class="lossviz-page"') > 0


@pytest.fixture
def deck(open_page, site):
    """One deck, on the slide with the first explorer whose gradient is covered."""
    page = open_deck(open_page, f"{site}/notebooks/regression/smooth_l1_loss-slides.html")
    for _ in range(40):
        slide = page.evaluate(SLIDE)
        if slide["explorers"] and slide["title"] in ("Explore", "What β changes"):
            break
        page.keyboard.press("PageDown")
        page.evaluate("new Promise(done => setTimeout(done, 60))")
    settle(page)
    return page


def test_keys_step_forth_and_back_and_leave_an_explorer_its_arrows(deck):
    here = deck.evaluate(SLIDE)["slide"]
    slider = deck.locator(f"{SHOWN} .lossviz input[type=range]").first
    before = slider.input_value()
    slider.focus()
    deck.keyboard.press("ArrowRight")
    assert int(slider.input_value()) == int(before) + 1
    assert deck.evaluate(SLIDE)["slide"] == here
    deck.keyboard.press("PageDown")
    assert deck.evaluate(SLIDE)["slide"] == here + 1
    deck.keyboard.press("PageUp")
    assert deck.evaluate(SLIDE)["slide"] == here


def test_the_next_slide_and_escape_take_the_keys_back_from_an_explorer(deck):
    shown = deck.locator(f"{SHOWN} .lossviz")
    here, focused = deck.evaluate(SLIDE)["slide"], "document.activeElement.tagName"
    shown.locator("input[type=range]").first.focus()
    deck.keyboard.press("Escape")
    assert deck.evaluate(focused) == "BODY"
    deck.keyboard.press("ArrowRight")
    assert deck.evaluate(SLIDE)["slide"] == here + 1
    deck.keyboard.press("ArrowLeft")
    shown.locator("input[type=range]").first.focus()
    deck.keyboard.press("PageDown")
    assert deck.evaluate(focused) == "BODY"
    deck.keyboard.press("ArrowRight")
    assert deck.evaluate(SLIDE)["slide"] == here + 2


def test_a_sweep_ends_with_its_slide(deck):
    beta = deck.locator(f"{SHOWN} .lossviz input[type=range]").first
    beta.focus()
    deck.keyboard.press("Space")
    deck.keyboard.press("PageDown")
    deck.keyboard.press("PageUp")
    settle(deck)
    stopped = beta.input_value()
    deck.evaluate("new Promise(done => setTimeout(done, 300))")
    assert beta.input_value() == stopped


def test_the_tab_key_stays_on_the_slide(deck):
    elsewhere = "document.activeElement.matches('.slides section:not(.present) *')"
    for _ in range(40):
        deck.keyboard.press("Tab")
        assert not deck.evaluate(elsewhere)


def test_on_a_touched_explorer_the_keys_of_the_deck_work_too(deck):
    deck.locator(f"{SHOWN} .lossviz input[type=range]").first.focus()
    theme = deck.locator("html").get_attribute("data-theme")
    deck.keyboard.press("d")
    assert deck.locator("html").get_attribute("data-theme") != theme
    with deck.expect_popup() as opened:
        deck.keyboard.press("s")
    opened.value.locator(".speaker-controls-notes .value").wait_for()


def test_the_letters_of_a_drawing_grow_with_the_projector(deck):
    text = deck.locator(f"{SHOWN} .lossviz svg text").first
    sizes = []
    for width, height in ((1280, 720), (1920, 1080)):
        deck.set_viewport_size({"width": width, "height": height})
        deck.evaluate("new Promise(done => setTimeout(done, 200))")
        sizes.append(text.bounding_box()["height"])
    assert sizes[0] > 14 and sizes[1] / sizes[0] == pytest.approx(1.5, rel=0.1)


def test_r_reveals_the_gradient_of_the_explorer_in_use(deck):
    shown = deck.locator(f"{SHOWN} .lossviz")
    expect(shown.get_by_text("Predict, then reveal")).to_be_visible()
    shown.locator("input[type=range]").first.focus()
    deck.keyboard.press("r")
    expect(shown.get_by_text("Predict, then reveal")).to_be_hidden()


def test_d_changes_between_light_and_dark(deck):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = deck.evaluate(ground)
    deck.keyboard.press("d")
    assert light == "rgb(255, 255, 255)" != deck.evaluate(ground)
    deck.keyboard.press("d")
    assert deck.evaluate(ground) == light


def test_a_deck_begins_in_the_theme_of_the_system_or_the_one_chosen_on_the_pages(open_page, site):
    deck = f"{site}/notebooks/regression/smooth_l1_loss-slides.html"
    page = open_page(deck, color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    page.goto(f"{site}/book/how_to_read.html")
    for _ in range(3):  # the switch goes round light, dark and auto
        page.locator(".theme-switch-button:visible").first.click()
        if page.locator("html").get_attribute("data-mode") == "light":
            break
    page.goto(deck)
    page.wait_for_selector("html[data-theme=light]")


def test_s_opens_the_notes_of_the_slide(deck):
    with deck.expect_popup() as opened:
        deck.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    expect(notes).to_contain_text("Towards β = 0 the curve becomes L1")


def test_a_deck_works_from_a_folder(chromium, site):
    page = chromium.new_page(viewport=PROJECTOR)
    complaints = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((SITE / "notebooks" / "regression" / "smooth_l1_loss-slides.html").resolve().as_uri())
    page.evaluate("new Promise(done => Reveal.isReady() ? done() : Reveal.on('ready', done))")
    while not page.evaluate(SLIDE)["last"]:
        page.keyboard.press("PageDown")
        settle(page)
    page.close()
    assert complaints == []


def test_a_window_of_another_shape_shows_all_of_a_slide(deck):
    for size in (
        {"width": 1024, "height": 768},
        {"width": 1920, "height": 1080},
        {"width": 390, "height": 780},
    ):
        deck.set_viewport_size(size)
        deck.evaluate("new Promise(done => setTimeout(done, 150))")
        settle(deck)
        assert deck.evaluate(SLIDE)["beyond"] <= PIXEL, size
