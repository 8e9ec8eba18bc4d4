"""A link of the site leads to the same explorer in a notebook, and bad links are told what is wrong."""

import html
import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from lossviz import Explorer, demo, demos
from lossviz.demo import LINK, explorers

BOOK = Path(__file__).parent.parent / "book"
CELLS = json.loads((BOOK / "teach.ipynb").read_text("utf-8"))["cells"]
LINKS = {name: html.unescape(link) for cell in CELLS for link, name in LINK.findall("".join(cell["source"]))}
PAGES = [*sorted(BOOK.glob("*.ipynb")), *sorted(BOOK.parent.glob("notebooks/*/*.ipynb"))]
L1 = "../notebooks/regression/l1_loss.ipynb"


@pytest.fixture(autouse=True)
def in_the_book(monkeypatch):
    monkeypatch.chdir(BOOK)


@pytest.mark.parametrize("name", LINKS)
def test_a_demo_has_the_setting_of_its_link(name, capsys):
    fields = dict(parse_qsl(urlsplit(LINKS[name]).fragment))
    explorer = demo(LINKS[name])
    assert explorer.spec["id"] == fields.pop("explorer")
    assert explorer.revealed == (fields.pop("revealed", "true") == "true")
    del fields["present"]
    for control, text in fields.items():
        value = getattr(explorer, control)
        assert str(value) == text or value == pytest.approx(float(text))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_explorer_of_a_page_is_the_one_that_the_whole_notebook_makes(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    cells = json.loads(path.read_text("utf-8"))["cells"]
    shown = ["".join(o.get("data", {}).get("text/plain", "")) for c in cells for o in c.get("outputs", [])]
    shown = [text for text in shown if re.match(r"Explorer\(|SideBySide\(", text)]
    made = [repr(explorer) for _, explorer in explorers(path)]
    assert ", ".join(made) == ", ".join(re.sub(r"^SideBySide\((.*)\)$", r"\1", text) for text in shown)


def test_it_is_the_function_of_the_notebook_that_is_drawn(tmp_path, monkeypatch):
    chapter = (BOOK.parent / "notebooks" / "regression" / "l1_loss.ipynb").read_text("utf-8")
    (tmp_path / "mine.ipynb").write_text(
        chapter.replace("return np.abs(error)", "return 2 * np.abs(error)"), "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    link = "mine.ipynb#explorer=l1-loss&probe=1.5"
    assert max(demo(link).values("loss")) == 2 * max(
        demo(f"{BOOK.parent}/notebooks/regression/l1_loss.html{link[10:]}").values("loss")
    )


@pytest.mark.parametrize(
    "address",
    [
        L1,
        "https://example.org/losses/notebooks/regression/l1_loss.html",
        "notebooks/regression/l1_loss.html",
    ],
)
def test_the_page_is_found_from_the_present_folder(address):
    assert demo(f"{address}#explorer=l1-loss&target=0.5").target == 0.5


def test_hidden_curves_and_choices_are_set():
    explorer = demo(f"{L1}#explorer=l1-loss&hidden=MSE&hidden=Smooth+L1")
    assert explorer.hidden == ["MSE", "Smooth L1"]
    page = "../notebooks/classification/cross_entropy.ipynb"
    assert demo(f"{page}#explorer=softmax-and-cross-entropy&target=fox").target == "fox"


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (L1, "a link must end in #explorer=<name>"),
        (f"{L1}#formula", "a link must end in #explorer=<name>"),
        ("../notebooks/regression/l2_loss.ipynb#explorer=a", "must lead to a page of the handbook, got"),
        ("none.html#explorer=a", "must lead to a page of the handbook, got 'none.html'"),
        (f"{L1}#explorer=l2", "l1_loss.ipynb has the explorers l1-loss, the-best-constant, got 'l2'"),
        (f"{L1}#explorer=l1-loss&beta=1", "L1 loss has the controls target, probe, got 'beta'"),
        (f"{L1}#explorer=l1-loss&probe=far", "probe must be one of .*, got 'far'"),
    ],
)
def test_a_bad_link_is_told_what_is_wrong(link, message):
    with pytest.raises(ValueError, match=message):
        demo(link)


def test_a_button_shows_its_demo_over_the_whole_window_and_the_next_takes_its_place():
    shown = demos()
    names = [button.description for button in shown.children[0].children]
    assert names == list(LINKS) and len(names) == 10
    shown.children[0].children[0].click()
    first = shown.children[2]
    assert isinstance(first, Explorer) and first.spec["present"] and first.spec["id"] == "l1-loss"
    shown.show("Smooth L1")
    assert len(shown.children) == 3 and shown.children[2].spec["id"] == "smooth-l1-loss"
    assert first.comm is None


def test_what_goes_wrong_is_said_beside_the_buttons():
    shown = demos()
    shown.links["L1"] = "gone.html#explorer=a"
    shown.show("L1")
    assert shown.children[1].value.startswith("L1: a link must lead to a page of the handbook")


def test_a_page_without_links_is_refused(tmp_path):
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": []}))
    with pytest.raises(ValueError, match=re.escape("must hold links to explorers")):
        demos(tmp_path / "a.ipynb")
