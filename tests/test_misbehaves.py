"""The page "My loss misbehaves": every symptom once, below its sign, with a line of code and a link."""

import ast
import html
import json
import re

import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.loss import Number, Sign, Symptom
from lossviz.losses.symptoms import SAID, SYMPTOMS
from lossviz.misbehaves import CLASSES, PAGE, Row, SymptomField, in_trouble, rows, symptoms
from tests.handbook import BOOK, anchor, cells, headings, read, shown, sources

NOTEBOOK = read(PAGE)
ROWS = rows()
LINK = re.compile(r"\[[^]]+\]\((?:\.\./)?([\w/.]*?)(?:\.ipynb)?#(\S+)\)")


def name(row):
    return f"{row.name or 'no loss'}: {row.symptom.seen[:40]}"


EACH_ROW = pytest.mark.parametrize("row", ROWS, ids=name)


def printed(page):
    outputs = [output for cell in cells(read(page), "code") for output in cell["outputs"]]
    return " ".join("".join(output.get("text", [])) for output in outputs)


# The page


def test_each_sign_has_its_section_with_its_table():
    found, heading = {}, None
    titles = {index: text for level, text, index in headings(NOTEBOOK) if level == 2}
    for index, cell in enumerate(NOTEBOOK["cells"]):
        heading = titles.get(index, heading)
        if "".join(cell["source"]).startswith("symptoms("):
            found[heading] = "".join(shown(cell))
    assert found == {str(sign): repr(symptoms(sign)) for sign in Sign}
    assert set(SAID) == set(Sign)


def test_each_symptom_of_each_loss_and_of_none_is_on_the_page_once():
    whole = [*(symptom for loss in CATALOG.values() for symptom in loss.symptoms), *SYMPTOMS]
    assert [row.symptom for row in ROWS] == whole
    tables = "".join(text for cell in cells(NOTEBOOK, "code") for text in shown(cell))
    assert [row.symptom.seen for row in ROWS if str(row) not in tables] == []
    assert tables.count('data-symptoms="row"') == len(ROWS)


@EACH_ROW
def test_a_row_leads_to_a_heading(row):
    [(page, target)] = LINK.findall(row.where)
    assert target in [anchor(text) for level, text, _ in headings(read(page or PAGE)) if level > 1]
    assert anchor(row.symptom.section) == target
    # The site sets other signs in the place of these, and the search would not find the heading.
    assert not re.search(r"['\"]|--|\.\.\.", re.sub("`[^`]*`", "", row.symptom.section))


@pytest.mark.parametrize("page", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_link_of_a_page_to_a_section_leads_to_a_heading(page):
    """Sphinx says so too, when the site is built."""
    text = "\n".join([*sources(read(page), "markdown"), *(t for c in cells(read(page)) for t in shown(c))])
    missing = []
    for file, target in re.findall(r"\]\(([\w./]*)#([^)\s]+)\)", text):
        there = (page.parent / file).resolve() if file else page
        if there.suffix == ".ipynb" and target not in [anchor(t) for _, t, _ in headings(read(there))]:
            missing.append(f"{file}#{target}")
    assert missing == []


# The rows


@EACH_ROW
def test_a_fix_is_a_line_of_code_whose_names_torch_has(row):
    fix = row.symptom.fix
    assert "\n" not in fix and len(fix) <= 100
    for node in ast.walk(ast.parse(fix)):
        if isinstance(node, ast.Attribute):
            whole = ast.unparse(node)
            if re.fullmatch(r"(F|torch|nn)(\.\w+)+", whole):
                eval(whole, {"F": F, "torch": torch, "nn": torch.nn})
            elif not whole.startswith(("model.", "optimizer.", "scaler.", "last.")):
                assert hasattr(torch.Tensor, node.attr), whole


WARNINGS = {
    "mse_loss": lambda: F.mse_loss(torch.zeros(2, 1), torch.zeros(2)),
    "l1_loss": lambda: F.l1_loss(torch.zeros(2, 1), torch.zeros(2)),
    "nll_loss": lambda: F.log_softmax(torch.zeros(2, 2)),
    "kl_div": lambda: F.kl_div(torch.zeros(2, 2), torch.zeros(2, 2)),
}


@EACH_ROW
def test_what_torch_prints_is_printed_where_the_row_leads_or_is_a_warning(row):
    told = [] if row.symptom.runs_on == "cuda" else row.symptom.prints
    there = printed(row.page)
    if any(piece not in there for piece in told):
        with pytest.warns(UserWarning) as warned:
            WARNINGS[row.name]()
        there += str(warned[0].message)
    assert [piece for piece in told if piece not in there] == []


@EACH_ROW
def test_a_row_has_four_cells_and_shows_no_backtick(row):
    assert len(re.findall(r"(?<!\\)\|", str(row))) == 5
    assert "`" not in re.sub(r"``.+?``|`[^`]+`", "", str(row))


def test_a_bar_ends_no_cell():
    text = str(Row(Symptom(Sign.NAN, "|error| > 1", "why", "a | b", "It is nan", page=PAGE)))
    assert '| <span data-symptoms="row"></span>\\|error\\| > 1 | why | `a \\| b` | [' in text


# What the field looks up


def test_numbers_of_one_name_are_one_number():
    named = {}
    for number in (number for row in rows() for number in row.symptom.numbers):
        assert named.setdefault(number.says, number.at(10)) == number.at(10), number.says


def test_a_number_of_the_classes_is_listed_for_each_of_them():
    field = SymptomField()._repr_html_()
    table = json.loads(html.unescape(re.search('data-numbers="([^"]+)"', field)[1]))
    assert table["first"] == CLASSES[0] and {len(one) for one in table["numbers"].values()} == {
        1,
        len(CLASSES),
    }
    named = {number.says: number for row in ROWS for number in row.symptom.numbers}
    assert list(table["numbers"]) == list(named)
    for says, values in table["numbers"].items():
        assert values == pytest.approx([named[says].at(C) for C in CLASSES[: len(values)]], rel=1e-4)
    assert Number(lambda C: C / 2, "half of {C}").at(10) == 5 and Number(0.5, "half").at(10) == 0.5


def test_what_a_row_is_known_by_stands_in_its_attributes():
    number = Number(1.0, 'one "exactly"')
    known = {"numbers": (number,), "messages": ("a <message>",), "said": ("said", "so")}
    text = str(Row(Symptom(Sign.NAN, "seen", "why", "fix()", "It is nan", page=PAGE, **known)))
    assert 'data-messages="a &lt;message&gt;"' in text and 'data-said="said&#10;so"' in text
    assert 'data-numbers="one &quot;exactly&quot;"' in text


@pytest.mark.parametrize("loss", CATALOG.values(), ids=lambda loss: loss.name)
def test_a_fix_for_a_loss_that_torch_lacks_says_where_its_torch_form_is(loss):
    told = f"`from lossviz.losses.references import {loss.name}` takes and returns tensors"
    is_ours = loss.torch_class is None and loss.home == "lossviz.losses.references"
    assert (told in str(in_trouble(loss.name))) == is_ours
