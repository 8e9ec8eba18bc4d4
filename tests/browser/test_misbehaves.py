"""The field of "My loss misbehaves": a number, a message or a word goes in, and the matching rows remain."""

import pytest
from playwright.sync_api import expect

from lossviz.misbehaves import WITHOUT, rows
from tests.accessibility import violations
from tests.handbook import SITE

pytestmark = pytest.mark.browser

PAGE = "book/misbehaves.html"
ANSWER_MS = 200  # the field waits for 150 until no more letters come
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 780}
# The anchors that the rows in sight lead to.
LEFT = """[...document.querySelectorAll('[data-symptoms=row]')].map(mark => mark.closest('tr'))
  .filter(row => row.checkVisibility()).map(row => row.cells[3].querySelector('a').hash.slice(1))"""

# What is asked, what is announced of it, and the sections that the rows left lead to; in any order.
LN_2 = [
    "before-the-next-run",
    "by-hand",
    "labels-0-and-1",
    "the-worst-pixels-none-or-one-answer-for-all",
]  # where 0.693 leads
NUMBERS = {
    "1.4612": ("1.4612 is ln(e + 10 − 1) − 1, a softmax too many (10 classes).", ["softmax-twice"]),
    "1.46": ("(10 classes)", ["softmax-twice"]),
    "2.303": (
        "2.303 is ln 10: equal logits, nothing learned (10 classes).",
        ["before-the-next-run", "the-worst-pixels-none-or-one-answer-for-all"],
    ),
    "2.302": ("2.302 is ln 10", ["before-the-next-run", "the-worst-pixels-none-or-one-answer-for-all"]),
    "4.605": (
        "4.605 is ln 100",
        ["before-the-next-run", "softmax-twice", "the-worst-pixels-none-or-one-answer-for-all"],
    ),
    "0.69314718": ("is ln 2, what a coin costs.", LN_2),
    "0,693": ("0.693 is ln 2", ["a-loss-that-cannot-be-0", *LN_2]),
    "tensor(0.6931, grad_fn=<NllLossBackward0>)": ("ln 2", LN_2),
    "−0.5": ("-0.5 is −1/2", ["probabilities-instead-of-their-logarithms"]),
    "epoch 3: loss 2.3026": ("ln 10", ["before-the-next-run", "the-worst-pixels-none-or-one-answer-for-all"]),
    "100": ("", ["an-impossible-prediction-100-and-a-gradient-of-1e12"]),
}
OTHER_DTYPES = ["targets-must-be-floats-and-of-the-same-kind", "the-backward-pass-wants-one-dtype"]
WEIGHT_DTYPES = ["the-weighted-mean-is-not-the-mean", "types-that-do-not-agree"]
MESSAGES = {
    "Expected all tensors to be on the same device": ["two-devices"],
    "RuntimeError: Expected all tensors to be on the same device, but found at least two devices, "
    "cuda:1 and cpu!": ["two-devices"],
    "RuntimeError: Expected all tensors to be on the same device, but got target is on cpu, different from "
    "other tensors on cuda:0 (when checking argument in method wrapper_CUDA_nll_loss_forward)": [
        "two-devices"
    ],
    "device-side assert": ["labels-out-of-range"],
    "RuntimeError: CUDA error: device-side assert triggered\nCUDA kernel errors": ["labels-out-of-range"],
    "Target size (torch.Size([8])) must be the same as input size (torch.Size([8, 1]))": [
        "shapes-that-do-not-agree"
    ],
    "RuntimeError: Function 'PowBackward0' returned nan values in its 0th output.": [
        "where-the-first-nan-arises"
    ],
    # Which dtype it is, is another reader's too.
    "RuntimeError: Found dtype Byte but expected Float": OTHER_DTYPES,
    "RuntimeError: Found dtype Int but expected Float": OTHER_DTYPES,
    "RuntimeError: Found dtype Float but expected BFloat16": OTHER_DTYPES,
    "RuntimeError: result type Float can't be cast to the desired output type Byte": [
        "targets-must-be-floating-point"
    ],
    "RuntimeError: Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
    "`logical_xor()` operator instead.": ["targets-must-be-floating-point"],
    "RuntimeError: expected scalar type Half but found Float": WEIGHT_DTYPES,
    "RuntimeError: expected scalar type BFloat16 but found Float": WEIGHT_DTYPES,
}
# What no row knows, with whole numbers that are no losses.
NO_LOSSES = [
    "TypeError: linear(): argument 'input' (position 1) must be Tensor, not list",
    "TypeError: TripletMarginWithDistanceLoss.__init__() takes 1 positional argument but 2 were given",
]
WORDS = {
    "detect_anomaly": "where-the-first-nan-arises",
    "clip_grad_norm_": "one-nan-gradient-and-clipping",
    "GradScaler": "mixed-precision-steps-that-are-skipped",
    "My class weights have no effect": "class-weights-without-effect",
    "255": "probabilities-are-not-checked-labels-are",
    "imbalanced": "five-per-cent-are-positive",
    "loss not decreasing": "a-loss-that-does-not-move",
    "why is my loss nan?": "finite-input-and-nan",
}


@pytest.fixture
def ask(open_page, site):
    """ask(text, **context options) -> the page once it has answered, and the sections of the rows left."""

    def ask(text, **options):
        page = open_page(f"{site}/{PAGE}", **options)
        return page, answer(page, text)[1]

    return ask


def answer(page, text):
    """What the page says of a text, and the anchors of the sections of the rows left."""
    page.get_by_label("What do you see?").fill(text)
    page.evaluate(f"new Promise(done => setTimeout(done, {ANSWER_MS}))")
    return page.locator("article [role=status]").inner_text(), left(page)


def left(page):
    """The anchors of the sections that the rows in sight lead to."""
    return sorted(page.evaluate(LEFT))


def test_a_number_finds_its_rows_and_is_told_in_words(open_page, site):
    page = open_page(f"{site}/{PAGE}")
    for asked, (said, sections) in NUMBERS.items():
        told, found = answer(page, asked)
        assert found == sections, asked
        assert f"{len(sections)} of {len(rows())} rows." in told and said in told, asked


def test_a_message_finds_its_row(open_page, site):
    page = open_page(f"{site}/{PAGE}")
    assert {asked: answer(page, asked)[1] for asked in MESSAGES} == MESSAGES


def test_the_whole_numbers_of_a_message_are_no_losses(open_page, site):
    page = open_page(f"{site}/{PAGE}")
    for asked in NO_LOSSES:
        answer(page, asked)
        assert not page.locator(".symptom-number").count(), asked
    assert answer(page, "100")[1] == NUMBERS["100"][1]


def test_words_that_people_use_find_rows(open_page, site):
    page = open_page(f"{site}/{PAGE}")
    for asked, section in WORDS.items():
        found = answer(page, asked)[1]
        assert section in found and len(found) < len(rows()) / 4, asked


def test_what_no_row_knows_leaves_all_and_leads_to_the_search(ask, site):
    page, found = ask("xyzzy")
    assert len(found) == len(rows())
    expect(page.locator("article [role=status]")).to_have_text(
        f"No row knows this: all {len(rows())} stand below."
    )
    page.get_by_role("link", name="Search the whole handbook").click()
    expect(page).to_have_url(f"{site}/search.html?q=xyzzy")


def test_sections_without_a_row_go_and_come_back(ask):
    page, _ = ask("2.303")
    expect(page.locator("#it-is-nan")).to_be_hidden()
    expect(page.locator("#it-is-stuck-at-a-number")).to_be_visible()
    expect(page.locator("#reproduced")).to_be_visible()
    page.get_by_role("button", name="Show all rows").click()
    expect(page.locator("#it-is-nan")).to_be_visible()
    expect(page.get_by_label("What do you see?")).to_be_focused()
    assert len(left(page)) == len(rows()) and not page.locator(".symptom-number").count()


def test_the_contents_lead_to_a_section_that_was_hidden(ask):
    page, _ = ask("2.303")
    page.locator(".bd-sidebar-secondary a[href='#it-is-negative']").click()
    expect(page.locator("#it-is-negative > h2")).to_be_in_viewport()


def test_an_example_is_asked_by_its_button_and_a_question_by_the_address(open_page, site):
    page = open_page(f"{site}/{PAGE}?q=2.303")
    assert left(page) == ["before-the-next-run", "the-worst-pixels-none-or-one-answer-for-all"]
    page.get_by_role("button", name="1.4612").click()
    assert left(page) == ["softmax-twice"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_field_stands_in_the_first_screen_and_nothing_is_wider(ask, scheme):
    page, _ = ask("0.693", viewport=PHONE, color_scheme=scheme)
    place = page.get_by_label("What do you see?").bounding_box()
    assert place["y"] + place["height"] < PHONE["height"] * 2 / 3
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert violations(page) == []


def test_without_script_every_row_stands_and_the_page_says_how_to_look(open_page, site):
    page = open_page(f"{site}/{PAGE}", java_script_enabled=False)
    expect(page.locator("[data-symptoms=field]")).to_have_text(WITHOUT)
    assert page.locator("[data-symptoms=row]").count() == len(rows())
    for row in page.locator("[data-symptoms=table] tbody tr").all():
        assert row.is_visible()


def test_the_field_works_from_a_folder(chromium, site):
    context = chromium.new_context(offline=True)
    page = context.new_page()
    complaints = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((SITE / PAGE).as_uri())
    page.get_by_label("What do you see?").fill("1.4612")
    expect(page.locator("article [role=status]")).to_contain_text("1 of")
    assert left(page) == ["softmax-twice"]
    context.close()
    assert complaints == []


def test_other_pages_do_not_load_the_script(site):
    loading = [p.name for p in SITE.glob("book/*.html") if "symptoms.js" in p.read_text("utf-8")]
    assert loading == ["misbehaves.html"]
