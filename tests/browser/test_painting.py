"""Painting a mask on a page without a kernel: by mouse, finger and keys, and what a link keeps of it."""

import pytest
from playwright.sync_api import expect

from lossviz import side_by_side
from tests.accessibility import AXE
from tests.test_mask_panel import mask

pytestmark = pytest.mark.browser
HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>Paint</title>"
HEAD += "<meta name=viewport content='width=device-width'>"
STYLE = "<style>body{margin:8px;background:light-dark(#fff,#14181e)}</style>"
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
FIRST = "0330"  # the block shifted by one; rows of four pixels: 0000, 0011, 0011
ACTS = ["undo", "clear", "invert", "perfect", "shift"]


@pytest.fixture(scope="session")
def painted_pages(tmp_path_factory, serve):
    folder = tmp_path_factory.mktemp("painting")
    pair = side_by_side(mask(title="left"), mask(title="right"))
    made = {
        "paint": mask().to_html(),
        "covered": mask(predict=True).to_html(),
        "pair": pair._repr_mimebundle_()["text/html"],
    }
    for name, body in made.items():
        (folder / f"{name}.html").write_text(f"{HEAD}{STYLE}<main>{body}</main>", "utf-8")
    return serve(folder)


@pytest.fixture
def paint(painted_pages, open_page):
    def start(name="paint", fragment="", **options):
        url = f"{painted_pages}/{name}.html{fragment}"
        page = open_page(url, **({"viewport": {"width": 900, "height": 900}} | options))
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".lossviz svg text")
        return page

    return start


def cell(page, k):
    return page.get_by_role("gridcell").nth(k)


def place(page, k):
    box = cell(page, k).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def painted(page, root=".lossviz"):
    """The mask as its cells tell it."""
    labels = page.locator(f"{root} [role=gridcell]").evaluate_all("all => all.map(e => e.ariaLabel)")
    bits = "".join("0" if label.endswith("not painted") else "1" for label in labels)
    return f"{int(bits.ljust(16, '0'), 2):04x}"


def stroke(page, *pixels, steps=1):
    page.mouse.move(*place(page, pixels[0]))
    page.mouse.down()
    for k in pixels[1:]:
        page.mouse.move(*place(page, k), steps=steps)
    page.mouse.up()


def press(page, act):
    page.locator(f"[data-act={act}]").click()


def read(page, name):
    found = page.locator(".readout").filter(has_text=name).locator(".value").text_content()
    return float(found.replace("−", "-"))


# Mouse


def test_a_drag_paints_every_pixel_on_its_way_and_a_drag_over_painted_ones_clears(paint):
    page = paint()
    assert painted(page) == FIRST
    stroke(page, 0, 3)  # in one move from the first to the last
    assert painted(page) == "f330"
    stroke(page, 3, 11)
    assert painted(page) == "e220"


def test_a_click_toggles_one_pixel_and_the_numbers_follow(paint):
    page = paint()
    before = read(page, "IoU")
    stroke(page, 5)
    assert painted(page) == "0730" and read(page, "IoU") > before
    stroke(page, 5)
    assert painted(page) == FIRST and read(page, "IoU") == before


def test_a_stroke_that_leaves_the_pixels_goes_on_along_their_edge(paint):
    page = paint()
    page.mouse.move(*place(page, 0))
    page.mouse.down()
    x, y = place(page, 3)
    page.mouse.move(x + 300, y - 40)
    page.mouse.up()
    assert painted(page) == "f330"


def test_the_buttons_do_what_they_say_and_undo_takes_each_back(paint):
    page = paint()
    assert [b.get_attribute("data-act") for b in page.locator(".presses button").all()] == ACTS
    masks = [painted(page)]
    for act in ("perfect", "shift", "invert", "clear"):
        press(page, act)
        masks.append(painted(page))
    assert masks == [FIRST, "0660", "0330", "fcc0", "0000"]
    for mask_before in reversed(masks[:-1]):
        press(page, "undo")
        assert painted(page) == mask_before
    press(page, "undo")
    assert painted(page) == FIRST


def test_reset_leads_back_to_the_first_mask_and_undo_back_from_there(paint):
    page = paint()
    press(page, "clear")
    press(page, "reset")
    assert painted(page) == FIRST
    press(page, "undo")
    assert painted(page) == "0000"


# Touch


def swipe(page, start, end, steps=8):
    """A finger from one place to the other, as a browser hears of it."""
    session = page.context.new_cdp_session(page)
    for k in range(steps + 1):
        x, y = (a + (b - a) * k / steps for a, b in zip(start, end, strict=True))
        kind = "touchMove" if k else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        page.wait_for_timeout(20)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(100)


def test_a_finger_paints_upwards_and_the_page_stays(paint):
    page = paint(**PHONE)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    swipe(page, place(page, 8), place(page, 0))
    assert painted(page) == "8bb0" and page.evaluate("scrollY") == 0


def test_a_finger_beside_the_pixels_scrolls_the_page_and_paints_nothing(paint):
    page = paint(**PHONE)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    box = page.locator("svg[role=img]").bounding_box()
    below = box["x"] + 100, box["y"] + box["height"] - 30
    swipe(page, below, (below[0], below[1] - 200))
    assert page.evaluate("scrollY") > 50 and painted(page) == FIRST


# Keys and screen readers


def test_tab_leads_to_one_pixel_and_keys_paint_from_there(paint):
    page = paint()
    page.locator("[data-act=present]").focus()
    page.keyboard.press("Tab")
    expect(cell(page, 0)).to_be_focused()
    for key in ("ArrowRight", "Space", "Shift+ArrowDown", "Shift+ArrowDown", "u", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    assert painted(page) == "4330"
    expect(cell(page, 5)).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")  # after a pixel that was cleared
    assert painted(page) == "4130"
    page.keyboard.press("Tab")
    expect(page.locator("[data-act=undo]")).to_be_focused()


def test_after_a_click_the_keys_go_on_from_there(paint):
    page = paint()
    stroke(page, 5)
    page.keyboard.press("ArrowLeft")
    expect(cell(page, 4)).to_be_focused()
    page.keyboard.press("0")
    assert painted(page) == FIRST
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="reveal gradient")).to_be_visible()


def test_the_page_around_hears_no_key_that_paints(paint):
    page = paint()
    page.evaluate("window.heard = []; addEventListener('keydown', e => heard.push(e.key))")
    cell(page, 0).focus()
    for key in ("Space", "ArrowDown", "Shift+ArrowRight", "u", "Home"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["Shift"]
    page.keyboard.press("Shift+Enter")  # runs a cell
    assert page.evaluate("heard.at(-1)") == "Enter"


def test_the_grid_says_its_rows_its_columns_and_each_pixel(paint):
    page = paint()
    grid = page.get_by_role("grid")
    assert grid.get_attribute("aria-rowcount") == "3" and grid.get_attribute("aria-colcount") == "4"
    assert [row.get_attribute("aria-rowindex") for row in grid.get_by_role("row").all()] == ["1", "2", "3"]
    assert cell(page, 6).get_attribute("aria-colindex") == "3"
    assert cell(page, 6).get_attribute("aria-label") == "target, painted"
    page.get_by_role("radio", name="dot").click()
    assert cell(page, 6).get_attribute("aria-label") == "outside, painted"


def test_a_stroke_is_announced_when_it_rests(paint):
    page = paint()
    live = page.locator("[aria-live=polite]")
    assert live.text_content() == ""
    stroke(page, 5)
    expect(live).to_contain_text("painted 3 of 4, 2 outside; Dice 0.353")


def test_axe_finds_nothing(paint):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: tools/node.sh")
    page = paint()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document.querySelector('.lossviz'), {resultTypes: ['violations']})")
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


# Links, rows, and where no script runs


def test_a_link_keeps_mask_target_and_gradient(paint):
    page = paint()
    page.get_by_role("radio", name="dot").click()
    page.get_by_role("radio", name="BCE").click()
    stroke(page, 0, 3)
    page.locator("[data-act=link]").click()
    assert "painted=f330" in page.url
    said = page.locator("svg[role=img]").get_attribute("aria-label")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("svg[role=img]")).to_have_attribute("aria-label", said)
    press(page, "clear")
    press(page, "reset")
    assert painted(page) == "f330"


def test_a_link_with_another_mask_than_one_of_these_pixels_changes_nothing(paint):
    for wrong in ("", "ff", "zzzz", "033", "03300000"):
        assert painted(paint(fragment=f"#explorer=paint&painted={wrong}")) == FIRST


def test_side_by_side_both_are_painted(paint):
    page = paint("pair", viewport={"width": 1400, "height": 900})
    stroke(page, 0)
    roots = [f".lossviz[data-explorer={name}]" for name in ("left", "right")]
    assert [painted(page, root) for root in roots] == ["8330"] * 2


def test_what_is_to_be_predicted_is_covered_until_it_is_revealed(paint):
    page = paint("covered")
    cover = page.get_by_text("Predict the gradient, then reveal")
    expect(cover).to_be_visible()
    levels = "all => all.map(e => +e.getAttribute('fill-opacity')).filter(level => level > 0).length"
    assert page.locator(".stage > svg > .colour").evaluate_all(levels) == 0
    press(page, "reveal")
    expect(cover).to_be_hidden()
    assert page.locator(".stage > svg > .colour").evaluate_all(levels) > 12


def test_without_scripts_the_picture_shows(paint):
    page = paint(java_script_enabled=False)
    still = page.locator("img")
    expect(still).to_be_visible()
    assert "painted 2 of 4, 2 outside" in still.get_attribute("alt")


# Places


def test_nothing_is_cut_off_or_scrolls_sideways_at_any_width(paint):
    page = paint(viewport={"width": 360, "height": 780})
    for width in (360, 559, 561, 900, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            """() => { const svg = document.querySelector('svg[role=img]').getBoundingClientRect();
              return [...document.querySelectorAll('svg[role=img] :is(text, rect, path)')].filter(e => {
                if (!e.checkVisibility()) return false;
                const b = e.getBoundingClientRect();
                return b.left < svg.left - 1 || b.right > svg.right + 1 || b.top < svg.top - 1
                       || b.bottom > svg.bottom + 1 }).map(e => e.textContent + e.getAttribute('class')) }"""
        )
        assert outside == []


def test_cells_of_the_grid_lie_on_the_pixels_when_presented_too(paint):
    page = paint(viewport={"width": 1920, "height": 1080})
    places = """all => all.slice(0, 12).map(
        e => (({ x, y, width }) => [x, y, width])(e.getBoundingClientRect()))"""
    for _ in range(2):
        pixels = page.locator(".stage > svg > .colour").evaluate_all(places)
        cells = page.get_by_role("gridcell").evaluate_all(places)
        for pixel, on_grid in zip(pixels, cells, strict=True):
            assert on_grid == pytest.approx(pixel, abs=2)
        stroke(page, 0)
        if page.locator(".lossviz.present").count() == 0:
            press(page, "present")
            page.wait_for_selector(".lossviz.present")
            page.wait_for_timeout(200)
    assert painted(page) == FIRST  # painted on the page, and cleared when it was presented


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_written_in_pixels_is_readable_on_every_colour(paint, scheme):
    page = paint(color_scheme=scheme)
    page.get_by_role("radio", name="number").click()
    for loss in ("Dice", "BCE", "weighted"):
        page.get_by_role("radio", name=loss).click()
        for act in ("clear", "invert", "perfect", "shift"):
            press(page, act)
            contrasts = page.evaluate(CONTRASTS)
            assert contrasts and min(contrasts) > 3


def test_on_paper_there_are_no_buttons(paint):
    page = paint()
    page.emulate_media(media="print")
    expect(page.locator(".presses")).to_be_hidden()
    expect(page.locator("svg[role=img]")).to_be_visible()


def test_a_stroke_rewrites_only_what_it_changes(paint):
    """What a stroke costs is measured by `make bench`; this is what keeps it cheap."""
    page = paint()
    page.get_by_role("radio", name="weighted").click()
    writes = """() => {
      const watch = new MutationObserver(() => {});
      watch.observe(document.querySelector('.stage'), {
        subtree: true, attributes: true, childList: true, characterData: true });
      document.querySelector('[data-act=clear]').click();
      const all = watch.takeRecords().length;
      watch.disconnect();
      return all;
    }"""
    stroke(page, 0)
    page.wait_for_timeout(600)
    assert 0 < page.evaluate(writes) < 60
    assert page.evaluate(writes) == 0


CONTRASTS = """() => {
  const light = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parts = text => text.match(/[\\d.]+/g).map(Number).slice(0, 3);
  const luminance = rgb => [0.2126, 0.7152, 0.0722].reduce((sum, w, k) => sum + w * light(rgb[k] / 255), 0);
  const panel = parts(getComputedStyle(document.querySelector('.lossviz')).backgroundColor);
  const texts = [...document.querySelectorAll('.in-pixel')].filter(e => e.textContent);
  return texts.map(text => {
    const tile = text.previousSibling.previousSibling, colour = tile.previousSibling;
    const isPainted = tile.style.display !== 'none', share = Number(getComputedStyle(colour).fillOpacity);
    const full = parts(getComputedStyle(isPainted ? tile : colour).fill);
    const ground = isPainted ? full : full.map((c, k) => share * c + (1 - share) * panel[k]);
    const [a, b] = [luminance(parts(getComputedStyle(text).fill)), luminance(ground)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
}"""
