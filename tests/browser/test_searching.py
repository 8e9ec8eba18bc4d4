"""The built search, from a server and from a folder: what is typed leads to a section that helps."""

import gzip
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import expect

from book._ext.handbook import search
from tests.accessibility import violations, violations_of_new_looks
from tests.handbook import SITE

pytestmark = pytest.mark.browser

# What is typed, and ends of addresses: one of them is among the first three.
LEADS_TO = {
    # of data
    "class imbalance": ["#is-there-a-rare-class"],
    "imbalance": ["#is-there-a-rare-class"],
    "imbalanced": ["#is-there-a-rare-class"],
    "Unbalanced": ["#is-there-a-rare-class"],
    # numbers
    "255": ["cross_entropy.html#probabilities-are-not-checked-labels-are", "#labels-that-point-nowhere"],
    "0.693": ["#it-is-stuck-at-a-number", "binary_cross_entropy_with_logits.html#by-hand"],
    "2.303": ["#it-is-stuck-at-a-number"],
    "1.46": ["cross_entropy.html#softmax-twice"],
    "1.4612": ["cross_entropy.html#softmax-twice"],
    # symptoms and messages
    "nan": ["#it-is-nan"],
    "weights have no effect": ["cross_entropy.html#the-weighted-mean-is-not-the-mean"],
    "loss not decreasing": ["#it-is-stuck-at-a-number"],
    "negative loss": ["#it-is-negative", "#a-negative-loss-is-nothing-to-worry-about"],
    "device-side assert": ["cross_entropy.html#probabilities-are-not-checked-labels-are"],
    "IndexError: Target 255 is out of bounds.": ["#probabilities-are-not-checked-labels-are"],
    "Found dtype Long but expected Float": ["#targets-must-be-floats-and-of-the-same-kind"],
    "masked logit": ["cross_entropy.html#a-masked-logit-and-label-smoothing"],
    "log(0)": ["nll_loss.html#the-logarithm-taken-by-hand"],
    "double softmax": ["cross_entropy.html#softmax-twice"],
    # what the handbook has not, but near to it
    "unified focal loss": ["dice_ce_loss.html#dice-plus-cross-entropy"],
    # options and notions
    "ignore_index": ["#a-weight-of-0-is-almost-ignore-index", "#probabilities-are-not-checked-labels-are"],
    "pos_weight": ["#what-pos-weight-asks-for"],
    "temperature": ["kl_div.html#temperature"],
    "label smoothing": ["#what-label-smoothing-means"],
    "KD": ["kl_div.html#a-distillation-loss"],
    "beta": [
        "smooth_l1_loss.html#beta-has-a-unit",
        "smooth_l1_loss.html#take-beta-from-the-residuals-of-an-l1-fit",
    ],
    'reduction="mean"': ["reduction.html#reduction", "l1_loss.html#the-old-switches"],
    "gradient accumulation": ["#accumulating-gradients"],
    # losses by any of their names: their chapters, at the top
    "kl_div": ["kl_div.html#kullback-leibler-divergence"],
    "KLDivLoss": ["kl_div.html#kullback-leibler-divergence"],
    "F.cross_entropy": ["cross_entropy.html#cross-entropy"],
    "nn.CrossEntropyLoss": ["cross_entropy.html#cross-entropy"],
    "CE": ["cross_entropy.html#cross-entropy"],
    "multi label margin": ["multilabel_margin_loss.html#multi-label-margin-loss"],
    "smooth l1": ["smooth_l1_loss.html#smooth-l1-loss"],
    "huber": ["smooth_l1_loss.html#smooth-l1-loss"],
    "mse": ["mse_loss.html#mean-squared-error"],
    "mae": ["l1_loss.html#l1-loss"],
    "bce": ["binary_cross_entropy.html#binary-cross-entropy"],
    "dice": ["dice_loss.html#dice-loss"],
    "jaccard": ["jaccard_loss.html#jaccard-loss"],
    "tversky": ["tversky_loss.html#tversky-loss"],
    "focal": ["focal_loss.html#focal-loss"],
    "lovasz": ["lovasz_hinge.html#lovasz-hinge"],
    "hausdorff": ["boundary_loss.html#losses-of-the-shape-hausdorff-and-cldice"],
    "boundary": ["boundary_loss.html#boundary-loss"],
    "GDL": ["generalized_dice_loss.html#generalized-dice-loss"],
    "DiceCE": ["dice_ce_loss.html#dice-plus-cross-entropy"],
}
# What is typed, and what may nowhere be marked as found.
NEVER_MARKED = {"dice": "indice", "IoU": "iou", "255": "25571", "KD": "kd", "nan": "nanmean"}
PLACES = ["server", "folder"]
# All that is shown, in one look.
SHOWN = """() => ({
  said: document.querySelector('#search-said').textContent,
  addresses: [...document.querySelectorAll('#search-results a')].map(link => link.getAttribute('href')),
  marks: [...document.querySelectorAll('#search-results mark')].map(mark => mark.textContent.toLowerCase()),
  bare: [...document.querySelectorAll('#search-results li')].filter(one => !one.querySelector('mark')).length,
})"""
HIGHLIGHTED = "[...(CSS.highlights.get('search') ?? [])].map(range => range.toString())"
IN_SIGHT = """() => [...CSS.highlights.get('search')]
  .filter(range => range.startContainer.parentElement.checkVisibility())
  .map(range => range.getBoundingClientRect())
  .some(({ top, bottom }) => top >= 0 && bottom <= innerHeight)"""
FIELD = ".bd-search-container input[name=q]"
PHONE = {"width": 360, "height": 780}
SEARCH_BYTES = 800_000  # gzipped, of all that a search loads beyond any page


@pytest.fixture
def open_search(open_page, site):
    """open_search(place, query, **context options) -> the page of the search in that place."""
    roots = {"server": site, "folder": SITE.as_uri()}

    def start(place="server", query="", **options):
        return open_page(f"{roots[place]}/search.html{query and f'?q={query}'}", **options)

    return start


def frames(page):
    """Lets what follows the load of a page be laid out."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def ask(page, typed):
    page.locator(FIELD).fill(typed)
    page.locator(FIELD).press("Enter")
    return page.evaluate(SHOWN)


def without_words(address):
    """The address of a result without the words that its page highlights."""
    parts = urlsplit(address)
    return f"{parts.path}#{unquote(parts.fragment)}"


@pytest.mark.parametrize("place", PLACES)
def test_what_a_reader_types_leads_to_a_section_that_helps(open_search, place):
    page = open_search(place)
    missed = {}
    for typed, wanted in LEADS_TO.items():
        shown = ask(page, typed)
        first = [without_words(address) for address in shown["addresses"][:3]]
        if not any(address.endswith(tuple(wanted)) for address in first):
            missed[typed] = first
        assert shown["bare"] == 0, f"a result for {typed!r} does not show what was found"
        never = NEVER_MARKED.get(typed)
        assert never is None or not any(never in mark for mark in shown["marks"]), typed
    assert not missed


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("typed", ["255", "class imbalance", "1.46", 'reduction="mean"', "temperature"])
def test_a_result_opens_its_section_with_the_match_in_sight(open_search, place, typed):
    page = open_search(place, typed, viewport=PHONE)
    first = page.locator("#search-results a").first
    wanted = without_words(first.get_attribute("href"))
    first.click()
    # The words have left the address: a link to the page is one without them.
    page.wait_for_url(lambda url: url.endswith(wanted))
    assert page.locator(f"section[id='{wanted.split('#')[1]}']").count() == 1
    frames(page)
    assert page.evaluate(HIGHLIGHTED)
    assert page.evaluate(IN_SIGHT)
    page.keyboard.press("Escape")
    assert page.evaluate(HIGHLIGHTED) == []


def test_a_match_in_a_fold_is_unfolded(open_page, site):
    chapter = f"{site}/notebooks/classification/cross_entropy.html"
    page = open_page(f"{chapter}?highlight=2.30#check-yourself", viewport=PHONE)
    frames(page)
    assert page.evaluate(IN_SIGHT)
    assert page.locator("#check-yourself details[open]").count() == 1


@pytest.mark.parametrize(
    ("asked", "shown"), [("?highlight=nan&row=1", ["nan"]), ("?row=1", ["a nanThe why."]), ("?row=7", [])]
)
def test_of_a_table_of_symptoms_the_row_is_shown(open_page, serve, tmp_path, asked, shown):
    row = '<tr style="height: 2000px"><td><span data-symptoms="row"></span>a nan</td><td>The why.</td></tr>'
    script = (SITE / "_static" / "sphinx_highlight.js").read_text("utf-8")
    page = f'<article><section id="a"><table><tr><th>seen</th></tr>{row * 2}</table></section></article>'
    (tmp_path / "page.html").write_text(f"<script>{script}</script>{page}")
    opened = open_page(f"{serve(tmp_path)}/page.html{asked}#a", viewport=PHONE)
    frames(opened)
    assert opened.evaluate(HIGHLIGHTED) == shown
    assert not shown or opened.evaluate("scrollY") > 1000


def test_highlighting_changes_no_element_of_the_page(open_page, site):
    address = f"{site}/notebooks/regression/smooth_l1_loss.html"
    plain = open_page(f"{address}#beta-has-a-unit")
    marked = open_page(f"{address}?highlight=beta#beta-has-a-unit")
    assert marked.evaluate(HIGHLIGHTED)
    section = "document.getElementById('beta-has-a-unit').querySelectorAll('*').length"
    assert marked.evaluate(section) == plain.evaluate(section)


def test_one_searches_while_one_types_and_the_address_keeps_it(open_search):
    page = open_search()
    expect(page.locator(FIELD)).to_be_focused()
    page.keyboard.type("softmax twice")
    expect(page.locator("#search-results a").first).to_have_text("Softmax twice")
    page.wait_for_url("**/search.html?q=softmax+twice")
    page.reload()
    expect(page.locator(FIELD)).to_have_value("softmax twice")
    expect(page.locator("#search-results a").first).to_have_text("Softmax twice")
    page.locator(FIELD).fill("")
    expect(page.locator("#search-results a")).to_have_count(0)
    expect(page.locator("#search-said")).to_be_empty()


def test_the_field_of_any_page_leads_to_the_search(open_page, site):
    page = open_page(f"{site}/book/start.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("pos_weight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=pos_weight")
    expect(page.locator("#search-said")).to_contain_text("sections for “pos_weight”")


def test_what_is_found_is_announced_and_reached_by_keys(open_search):
    page = open_search(query="ignore_index")
    assert page.locator("#search-said").get_attribute("role") == "status"
    page.locator(FIELD).focus()
    page.keyboard.press("Tab")
    expect(page.locator("#search-results a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebooks/**")


def test_the_search_says_what_it_has_not(open_search):
    page = open_search()
    assert ask(page, "blob loss")["said"].startswith("Nothing about “blob loss” yet.")
    assert ask(page, "xyzzy") == {"said": "Nothing about “xyzzy”.", "addresses": [], "marks": [], "bare": 0}
    assert "most of them" in ask(page, "softmax xyzzy temperature")["said"]
    assert ask(page, "<b>softmax</b>")["said"].endswith("“<b>softmax</b>”.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_results_are_accessible_and_fit_on_a_phone(open_search, scheme):
    page = open_search(viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")
    for typed in ("binary_cross_entropy_with_logits", "weight", "nan"):
        ask(page, typed)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert (violations(page) if scheme == "light" else violations_of_new_looks(page)) == []


def test_each_word_of_the_search_leads_to_a_section(open_search):
    page = open_search()
    words = search.words()
    how = """typed => {
      const { how, results, said } = handbookSearch.find(typed);
      return [how, results.length, said];
    }"""
    for said in [*words["same"], *words["near"]]:
        found, count, _ = page.evaluate(how, said)
        assert found == "all" and count, f"the handbook does not say {said!r}"
    for said, typed in words["same"].items():
        for one in typed:
            assert said in page.evaluate(how, one)[2], f"{one!r} does not lead to {said!r}"
    for said, typed in words["near"].items():
        for one in typed:
            found, _, ours = page.evaluate(how, one)
            assert found == "near" and said in ours, (
                f"the handbook speaks of {one!r} now: it needs no {said!r}"
            )


def test_a_search_loads_its_own_index_and_no_other(open_search):
    page = open_search(query="beta")
    loaded = page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)")
    own = ["/_static/sections.js", "/_static/search.js", "/_static/search_page.js"]
    assert set(own) <= set(loaded) and not any("searchindex" in path for path in loaded)
    assert sum(len(gzip.compress((SITE / path[1:]).read_bytes())) for path in own) < SEARCH_BYTES
    assert not (SITE / "searchindex.js").exists()
