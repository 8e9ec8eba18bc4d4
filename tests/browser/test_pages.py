"""Every page of the built site as its readers meet it, and JupyterLab's start page.

The `open_page` fixture complains: a console error, or a request that leaves the machine, fails the test.
"""

import json
import re
import zipfile
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from benchmarks import pages
from lossviz.exercises import EXERCISES
from tests import handbook
from tests.accessibility import BUT_CONTRAST, thinned, violations, violations_of_new_looks
from tests.handbook import SITE
from tools import zip as zipping

pytestmark = pytest.mark.browser

# Found, not listed: a new chapter is tested from the day it is built. index.html only leads to the start, and
# slides have tests of their own.
FILES = sorted(
    p.relative_to(SITE).as_posix()
    for p in SITE.rglob("*.html")
    if p.name != "index.html" and not p.name.endswith("-slides.html")
)
CHAPTERS = [file for file in FILES if file.startswith("notebooks/")]
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
FIRST_VISIT_BYTES, NEXT_VISIT_BYTES, NEAR_PICTURES_BYTES = 290_000, 115_000, 100_000

# The sliders that leave their drawing as it was, each moved to the end that it is farther from and back.
DEAD_SLIDERS = """() => {
  const drawing = root =>
    root.querySelector('.stage > svg').innerHTML + (root.querySelector('canvas')?.toDataURL() ?? '');
  const move = (input, value) => { input.value = value; input.dispatchEvent(new Event('input')) };
  return [...document.querySelectorAll('.lossviz input[type=range]')].filter(input => {
    const root = input.closest('.lossviz'), start = input.value, before = drawing(root);
    move(input, start * 2 > input.max ? 0 : input.max);
    const moved = drawing(root) !== before;
    move(input, start);
    return !moved;
  }).map(input => `${input.closest('.lossviz').dataset.explorer}: ${input.dataset.control}`);
}"""


def wake(page):
    """Brings all explorers to life, as printing does; elsewhere those far from the screen wait."""
    page.evaluate("['beforeprint', 'afterprint'].forEach(name => dispatchEvent(new Event(name)))")
    # No wait_for_function here: it evaluates a text in the page, which the page's policy forbids.
    expect(page.locator(".lossviz-still")).to_have_count(0)


def frames(page):
    """Lets what follows a change of the window be laid out and drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def faded(page):
    """Ends the fading of colours from one theme to the other; in a fold it would never end by itself."""
    frames(page)
    page.evaluate(
        "document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finish())"
    )
    frames(page)


def width(page):
    return page.evaluate("document.documentElement.scrollWidth")


def test_there_are_chapters_with_explorers(site):
    assert sorted(CHAPTERS) == sorted(f"{chapter}.html" for chapter in handbook.CHAPTERS)
    assert all('class="lossviz-page"' in (SITE / file).read_text("utf-8") for file in CHAPTERS)


@pytest.mark.parametrize("file", FILES)
def test_page(open_page, site, file):
    page = open_page("about:blank", viewport=DESK, color_scheme="light", reduced_motion="reduce")
    if file not in CHAPTERS:
        page.goto(f"{site}/{file}")
    else:
        weight = pages.weigh(page, f"{site}/{file}")
        # A slow machine may fetch the first pictures: they are near until explorers above have their height.
        near = weight.small["images"]
        assert near < NEAR_PICTURES_BYTES and weight.first - near < FIRST_VISIT_BYTES
        assert weight.next - near < NEXT_VISIT_BYTES
        assert weight.small["state"] == 0
    wake(page)
    assert page.locator("h1:visible").count() == 1
    assert page.locator(".lossviz").count() == (SITE / file).read_text("utf-8").count('class="lossviz-page"')
    assert width(page) <= DESK["width"]
    with thinned(page, for_good=True):
        assert violations(page, BUT_CONTRAST) == []
        assert violations_of_new_looks(page) == []
        page.emulate_media(color_scheme="dark")
        if file != "404.html":  # which has no theme of its own
            page.wait_for_selector("html[data-theme=dark]")
        faded(page)
        assert violations_of_new_looks(page) == []

    # A covered gradient shows no movement.
    covers = page.locator(".lossviz [data-act=reveal][data-on=false]")
    covers.evaluate_all("all => all.forEach(b => b.click())")
    assert page.evaluate(DEAD_SLIDERS) == []

    page.set_viewport_size(PHONE)
    frames(page)
    assert width(page) <= PHONE["width"]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_picture_comes_when_a_reader_is_near_and_moves_nothing(open_page, site, viewport):
    page = open_page(f"{site}/notebooks/margin/multi_margin_loss.html", viewport=viewport)
    page.wait_for_load_state("networkidle")
    last = page.locator("article .cell_output img[width]:visible").last
    place = "[scrollY + picture.getBoundingClientRect().y, picture.clientWidth, picture.clientHeight]"
    before = last.evaluate(f"picture => {place}")
    assert not last.evaluate("picture => picture.complete")
    last.scroll_into_view_if_needed()
    last.evaluate("picture => picture.decode()")
    shape = last.evaluate("picture => picture.naturalWidth / picture.naturalHeight")
    assert before[1] / before[2] == pytest.approx(shape, rel=0.02)
    assert last.evaluate(f"picture => {place}")[1:] == before[1:]


def test_formulas_are_set_in_their_font_without_a_script(open_page, site):
    page = open_page(f"{site}/book/how_to_read.html")
    page.wait_for_selector("math")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("""document.fonts.check('1em "Handbook formulas"')""")
    assert page.locator("script[src*=athjax]").count() == 0


def test_icons_are_drawn_without_the_icon_script(open_page, site):
    page = open_page(f"{site}/book/start.html")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.fonts.check('900 1em \"Font Awesome 6 Free\"')")
    assert page.locator(".theme-switch-button i:visible").bounding_box()["width"] > 0


def test_first_page_leads_to_the_start(open_page, site):
    open_page(site).wait_for_url("**/book/start.html")


def test_start_page_shows_an_explorer_above_the_fold(open_page, site):
    page = open_page(f"{site}/book/start.html", viewport=DESK)
    box = page.locator(".lossviz input[data-control=beta]").bounding_box()
    assert box["y"] + box["height"] < DESK["height"]


def test_focus_is_seen_where_the_theme_hides_it(open_page, site):
    page = open_page(f"{site}/notebooks/regression/l1_loss.html", viewport=DESK)
    for place in (".bd-sidebar-primary a", ".bd-sidebar-primary li a", ".bd-header-article button"):
        target = page.locator(f"{place}:visible").first
        target.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        expect(target).to_be_focused()
        expect(target).to_have_css("outline-style", "solid")


def test_a_link_restores_an_explorer(open_page, site):
    fragment = "explorer=smooth-l1-between-two-losses&beta=0.5&revealed=false"
    page = open_page(f"{site}/book/start.html#{fragment}")
    page.wait_for_selector(".lossviz")
    assert page.locator("input[data-control=beta]").get_attribute("aria-valuetext") == "0.5"
    assert page.get_by_role("button", name="reveal gradient").is_visible()


@pytest.mark.parametrize("width", [1280, 1366, 1920])
def test_code_is_seen_in_full_beside_both_side_bars(open_page, site, width):
    page = open_page(f"{site}/{CHAPTERS[-1]}", viewport={"width": width, "height": 800})
    page.locator(".bd-sidebar-secondary").wait_for()
    cut = page.evaluate(
        """[...document.querySelectorAll('.cell_input pre')].filter(e => e.checkVisibility())
            .filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"""
    )
    assert cut == []


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_link_to_a_section_ends_at_its_heading(open_page, site, viewport):
    """Though an explorer above it comes to life when the page has been shown, and has another height."""
    page = open_page(f"{site}/notebooks/classification/cross_entropy.html#softmax-twice", viewport=viewport)
    above = page.locator(".lossviz-page .lossviz").first
    above.wait_for(state="attached")
    frames(page)
    assert above.bounding_box()["y"] < 0
    heading = page.locator("#softmax-twice > h3")
    assert 0 < heading.bounding_box()["y"] < 200


def test_a_demo_shows_its_question_while_it_is_presented(open_page, site):
    page = open_page(f"{site}/book/teach.html")
    row = page.locator("tr").filter(has=page.locator("[data-ask]")).first
    asked = row.locator("[data-ask]").inner_text()
    row.locator("a").first.click()
    line = page.locator(".lossviz.present .question")
    expect(line).to_have_text(asked)
    expect(line).to_be_in_viewport()
    page.keyboard.press("q")
    expect(line).to_be_hidden()
    page.keyboard.press("q")
    expect(line).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".lossviz .question").first).to_be_hidden()


def test_a_link_to_an_explorer_shows_its_head(open_page, site):
    link = "notebooks/margin/multilabel_soft_margin_loss.html#explorer=three-questions&crime=1"
    for viewport in (DESK, PHONE):
        page = open_page(f"{site}/{link}", viewport=viewport)
        root = page.locator(".lossviz[data-explorer=three-questions]")
        root.wait_for()
        page.wait_for_load_state("networkidle")
        frames(page)
        assert 0 < root.bounding_box()["y"] < 300


def test_the_site_carries_its_own_source(open_page, site):
    page = open_page(f"{site}/book/how_to_read.html")
    with page.expect_download() as download:
        page.get_by_role("link", name="a copy of the whole handbook").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "loss-function-handbook/lossviz/explorer/index.js" in archive.namelist()


def links_of_demos():
    """The links of the page of demos, by the page that they lead to."""
    page, found = SITE / "book" / "teach.html", {}
    if page.is_file():  # the tests above say that there is no site
        for a in BeautifulSoup(page.read_text("utf-8"), "html.parser").select("td a"):
            found.setdefault(urlsplit(a["href"]).path, []).append(a["href"])
    return found


def test_the_page_of_demos_has_links(site):
    assert links_of_demos()


@pytest.mark.parametrize("links", links_of_demos().values(), ids=links_of_demos())
def test_a_demo_opens_in_its_state_and_over_the_whole_window(open_page, site, links):
    page = open_page("about:blank")
    for link in links:
        page.goto(f"{site}/book/{link}")
        is_in_its_state(page, link)
        page.goto("about:blank")  # or the next link would stay on the page


def is_in_its_state(page, link):
    root = page.locator(".lossviz.present")
    root.wait_for()
    wanted = dict(parse_qsl(urlsplit(link).fragment))
    assert root.get_attribute("data-explorer") == wanted["explorer"]
    for control in root.locator("input[type=range]").all():
        name, shown = control.get_attribute("data-control"), control.get_attribute("aria-valuetext")
        if name in wanted:
            assert float(shown.replace("−", "-")) == pytest.approx(float(wanted[name]), abs=1e-9)
    for name in set(wanted) & {"target", "C", "p"}:
        chosen = root.locator(f"input[type=radio][data-control={name}]:checked + span")
        if chosen.count():
            assert chosen.inner_text() == wanted[name]
    if "revealed" in wanted:
        assert root.locator("[data-act=reveal]").get_attribute("data-on") == wanted["revealed"]


def test_a_tick_stays_and_goes_out_and_comes_back_as_a_file(open_page, site, tmp_path):
    page = open_page(f"{site}/notebooks/regression/l1_loss.html")
    page.get_by_label("Done with this chapter").check()
    page.reload()
    assert page.get_by_label("Done with this chapter").is_checked()
    page.goto(f"{site}/book/course.html")
    ticked = page.locator("input[data-progress='chapter:l1_loss']")
    assert ticked.is_checked()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    download.value.save_as(tmp_path / "ticks.json")
    assert json.loads((tmp_path / "ticks.json").read_text()) == {"chapter:l1_loss": True}
    said = page.locator(".handbook-keep ~ [role=status]")
    expect(said).to_have_text("1 tick saved.")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Clear").click()
    assert not ticked.is_checked()
    page.locator("input[type=file]").set_input_files(tmp_path / "ticks.json")
    expect(ticked).to_be_checked()
    expect(said).to_have_text("1 tick loaded.")
    (tmp_path / "bad.json").write_text("no ticks")
    page.locator("input[type=file]").set_input_files(tmp_path / "bad.json")
    page.wait_for_timeout(200)
    assert ticked.is_checked()


def test_an_exercise_is_ticked_in_its_chapter_and_in_the_list(open_page, site):
    page = open_page(f"{site}/notebooks/regression/l1_loss.html")
    boxes = page.locator("input[data-progress^='exercise:']")
    assert boxes.count() == 4
    page.locator(".lossviz-verdict[data-exercise='l1_loss/weighted'] input").first.check()
    page.goto(f"{site}/book/exercises.html")
    expect(page.locator(".handbook-count")).to_contain_text(f"1 of {len(EXERCISES)} solved.")
    assert page.locator("input[data-progress='exercise:l1_loss/weighted']").is_checked()
    page.get_by_label("Solved: L1 loss, 4. Find the bug").check()
    expect(page.locator(".handbook-count")).to_contain_text(f"2 of {len(EXERCISES)} solved.")


def test_an_answer_to_a_question_is_judged_with_its_reason(open_page, site):
    page = open_page(f"{site}/notebooks/regression/smooth_l1_loss.html")
    answers = page.locator("#check-yourself details")
    verdicts = []
    for number in range(answers.count()):
        answer = answers.nth(number)
        reason = answer.locator("p").first
        expect(reason).to_be_hidden()
        answer.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(reason).to_be_visible()
        verdicts.append(re.split("[.:]", reason.inner_text())[0])
        mark = answer.locator("summary").evaluate("s => getComputedStyle(s, '::after').content")
        assert mark == {"Right": '" ✓"', "No": '" ✗"'}[verdicts[-1]]
    assert verdicts.count("Right") == 4 and verdicts.count("No") == 8


def test_the_link_to_a_section_is_reached_by_keyboard_and_shows_on_a_touch_screen(open_page, site):
    page = open_page(f"{site}/notebooks/regression/l1_loss.html")
    link = page.locator("#pitfalls > h2 > .headerlink")
    assert link.evaluate("a => getComputedStyle(a).opacity") == "0"
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert link.evaluate("a => document.activeElement === a && getComputedStyle(a).opacity") == "1"
    page.keyboard.press("Enter")
    assert page.url.endswith("#pitfalls")
    touch = open_page(
        f"{site}/notebooks/regression/l1_loss.html", has_touch=True, is_mobile=True, viewport=PHONE
    )
    assert touch.locator("#pitfalls > h2 > .headerlink").evaluate("a => getComputedStyle(a).opacity") == "0.7"


def test_a_script_that_was_not_built_into_a_page_does_not_run(chromium, site):
    page = chromium.new_page()
    page.goto(f"{site}/book/start.html")
    page.evaluate(
        """() => {
          const script = document.createElement('script');
          script.textContent = 'window.intruder = 1';
          document.body.append(script);
          document.body.insertAdjacentHTML('beforeend', '<img src="nothing" onerror="window.intruder = 2">');
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.intruder") is None
    page.close()


def test_the_buttons_of_the_theme_work_under_the_policy(open_page, site):
    page = open_page(f"{site}/book/start.html")
    page.evaluate("window.print = () => { window.printed = true }")
    page.locator("button.btn-download-pdf-button, button[onclick='window.print()']").first.dispatch_event(
        "click"
    )
    assert page.evaluate("window.printed")


def test_a_dark_page_is_printed_light(open_page, site):
    page = open_page(f"{site}/notebooks/regression/l1_loss.html", color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    page.emulate_media(media="print")
    colour = "getComputedStyle(document.querySelector('article p')).color"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate(colour))[:3])
    assert max(red, green, blue) < 100
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_printed_without_waiting_an_explorer_that_was_never_near_says_what_it_would_show(open_page, site):
    page = open_page(f"{site}/notebooks/regression/l1_loss.html")
    page.emulate_media(media="print")
    asleep = page.locator(".lossviz-still").last
    said = asleep.evaluate("e => getComputedStyle(e, '::after').content")
    assert said.startswith('"Explorer(') and "Ctrl+P" in said
    assert asleep.bounding_box()["height"] < 100


def test_the_zipped_site_works_from_a_folder(chromium, site, tmp_path):
    zipping.pack(SITE, tmp_path / "handbook.zip")
    with zipfile.ZipFile(tmp_path / "handbook.zip") as archive:
        archive.extractall(tmp_path)
    context = chromium.new_context(viewport=DESK, offline=True)
    page = context.new_page()
    complaints = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "handbook" / "book" / "start.html").as_uri())
    drawing = "document.querySelector('.lossviz path.curve.loss:not(.ghost)').getAttribute('d')"
    page.wait_for_selector(".lossviz")
    before = page.evaluate(drawing)
    page.locator("input[data-control=beta]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(drawing) != before
    assert page.evaluate("document.fonts.check('900 1em \"Font Awesome 6 Free\"')")
    page.goto((tmp_path / "handbook" / "search.html").as_uri() + "?q=pos_weight")
    expect(page.locator("#search-results mark").first).to_contain_text("pos_weight")
    context.close()
    assert complaints == []


@pytest.mark.xdist_group("lab")
def test_jupyterlab_opens_on_the_start_page_and_its_links_open_notebooks(open_page, lab):
    page = open_page(f"{lab}/lab?reset")  # a new reader has no tabs that were open last
    page.wait_for_selector("#jp-main-dock-panel")
    page.goto(lab)
    page.locator(".jp-Notebook .jp-RenderedMarkdown a", has_text=re.compile("^L1$")).first.click()
    page.wait_for_url("**/l1_loss.ipynb")
    page.wait_for_selector(".jp-Notebook:visible")
