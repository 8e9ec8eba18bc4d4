"""A link of the site leads to the same explorer in a notebook, and bad links are told what is wrong."""

import ast
import html
import importlib
import json
import re
import shutil
from urllib.parse import parse_qsl, quote, urlsplit

import matplotlib.pyplot as plt
import pytest
import torch

from lossviz import Explorer, demo, demos
from lossviz.demo import LINK, explorers
from tests.handbook import BOOK, NOTEBOOKS, PAGES, ROOT, read, shown, sources

LINKS = {
    link["text"]: html.unescape(link["href"])
    for text in sources(read("book/teach"))
    for link in LINK.finditer(text)
}
L1 = "../notebooks/regression/l1_loss.ipynb"


@pytest.fixture(autouse=True)
def in_the_book(monkeypatch):
    monkeypatch.chdir(BOOK)


def links_to(path):
    """The links of all pages that lead to an explorer of this one."""
    texts = [text for page in [*PAGES, *NOTEBOOKS] for text in sources(read(page), "markdown")]
    texts += [page.read_text("utf-8") for page in BOOK.glob("*.md")]
    found = [link for text in texts for link in LINK.finditer(text)]
    addresses = [html.unescape(link["href"] or link["address"]) for link in found]
    return [link for link in dict.fromkeys(addresses) if urlsplit(link).path.endswith(f"/{path.name}")]


def is_as_its_link_says(explorer, link):
    fields = dict(parse_qsl(urlsplit(link).fragment))
    fields = {name: text for name, text in fields.items() if name not in ("present", "ask", "hidden")}
    same = [explorer.spec["id"] == fields.pop("explorer")]
    same.append(explorer.revealed == (fields.pop("revealed", str(explorer.revealed).lower()) == "true"))
    for control, text in fields.items():
        value = getattr(explorer, control)
        same.append(text in (str(value), json.dumps(value).strip('"')) or value == pytest.approx(float(text)))
    return all(same)


@pytest.fixture
def computed_once(monkeypatch):
    """Cells that make an explorer run once in a test; asked for again, it is as they made it."""
    module, made = importlib.import_module("lossviz.demo"), {}
    compute = module._value

    def value(trees):
        source = "\n".join(map(ast.unparse, trees))
        if source not in made:
            shown = compute(trees)
            made[source] = shown, [(explorer, explorer.spec) for explorer in module._shown(shown)]
        shown, specs = made[source]
        for explorer, spec in specs:
            explorer.spec = spec
            explorer.reset()
        return shown

    monkeypatch.setattr(module, "_value", value)


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda path: path.stem)
def test_each_explorer_of_a_page_is_the_one_that_the_whole_notebook_makes_and_does_what_links_say(
    path, monkeypatch, capsys, computed_once
):
    monkeypatch.chdir(path.parent)
    texts = [text for cell in read(path)["cells"] for text in shown(cell)]
    texts = [text for text in texts if re.match(r"Explorer\(|SideBySide\(", text)]
    found = dict(explorers(path))
    made = [repr(explorer) for explorer in found.values()]
    assert ", ".join(made) == ", ".join(re.sub(r"^SideBySide\((.*)\)$", r"\1", text) for text in texts)
    for last in [*found][-1:]:  # looked for by its name, it is found without making all before it
        on_the_way = dict(explorers(path, only=last))
        assert [*on_the_way] == [*found] and repr(on_the_way[last]) == made[-1]
        assert sum(explorer is not None for explorer in on_the_way.values()) <= 3
    for link in links_to(path):
        assert is_as_its_link_says(demo(link), link), link
    assert capsys.readouterr().out == ""


def test_the_links_of_the_pages_of_demos_and_lessons_are_among_those_that_are_tried():
    tried = {link for path in [*PAGES, *NOTEBOOKS] for link in links_to(path)}
    assert set(LINKS.values()) < tried
    lessons = re.findall(r'<a href="([^"]+#explorer=[^"]+)"', (BOOK / "lessons.md").read_text("utf-8"))
    assert lessons and {html.unescape(link) for link in lessons} < tried


def test_a_link_that_sets_something_else_would_be_found():
    link = f"{L1}#explorer=l1-loss&target=0.5&revealed=false"
    assert is_as_its_link_says(demo(link), link)
    assert not is_as_its_link_says(demo(link), link.replace("0.5", "1.5"))
    assert not is_as_its_link_says(demo(link), link.replace("false", "true"))


def test_a_demo_leaves_the_settings_of_the_session_as_they_are():
    figures, state = plt.get_fignums(), torch.get_rng_state()
    [*explorers(BOOK / "embeddings.ipynb")]  # a page that computes in float64
    assert (torch.get_default_dtype(), plt.get_fignums()) == (torch.float32, figures)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_link_brings_the_mask_that_was_painted(tmp_path, monkeypatch):
    cells = [
        "from lossviz import explore_mask",
        'explore_mask({"sum": lambda p, t: p.sum()}, [[0, 1], [1, 0]], title="Paint")',
    ]
    made = [{"cell_type": "code", "source": cell} for cell in cells]
    (tmp_path / "mine.ipynb").write_text(json.dumps({"cells": made}), "utf-8")
    monkeypatch.chdir(tmp_path)
    explorer = demo("mine.ipynb#explorer=paint&write=number&painted=f0")
    assert (explorer.painted, explorer.write) == ("f0", "number")
    explorer.painted = "00"
    explorer.reset()
    assert explorer.painted == "f0"
    with pytest.raises(ValueError, match="painted must be 2 x 2 pixels, or 2 hexadecimal digits, got 'x'"):
        demo("mine.ipynb#explorer=paint&painted=x")


def test_it_is_the_function_of_the_notebook_that_is_drawn(tmp_path, monkeypatch):
    chapter = (ROOT / "notebooks" / "regression" / "l1_loss.ipynb").read_text("utf-8")
    (tmp_path / "mine.ipynb").write_text(
        chapter.replace("return np.abs(error)", "return 2 * np.abs(error)"), "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    link = "mine.ipynb#explorer=l1-loss&probe=1.5"
    assert max(demo(link).values("loss")) == 2 * max(
        demo(f"{ROOT}/notebooks/regression/l1_loss.html{link[10:]}").values("loss")
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
        (
            f"{L1}#explorer=l2",
            "l1_loss.ipynb has the explorers the-best-constant, l1-loss, one-wrong-entry, got 'l2'",
        ),
        (f"{L1}#explorer=l1-loss&beta=1", "L1 loss has the controls target, probe, got 'beta'"),
        (f"{L1}#explorer=l1-loss&probe=far", "probe must be a number between -3 and 3, got 'far'"),
        (f"{L1}#explorer=l1-loss&probe=7", "probe must be a number between -3 and 3, got 7.0"),
        (f"{L1}#explorer=a&explorer=b", "a link must end in #explorer=<name>"),
        (
            "../notebooks/classification/cross_entropy.ipynb#explorer=softmax-and-cross-entropy&target=cow",
            "target must be one of cat, dog, fox, got 'cow'",
        ),
        (5, "a link must end in #explorer=<name>&<control>=<value>, got 5"),
    ],
)
def test_a_bad_link_is_told_what_is_wrong(link, message):
    with pytest.raises(ValueError, match=message):
        demo(link)


def test_outside_of_the_handbook_it_is_the_folder_that_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    link = "https://example.org/notebooks/regression/l1_loss.html#explorer=l1-loss"
    with pytest.raises(ValueError, match=f"the present folder must be the handbook's.+{tmp_path.name}"):
        demo(link)


def test_a_notebook_of_the_readers_is_found_by_the_address_that_its_server_gives_it(tmp_path, monkeypatch):
    shutil.copy(ROOT / "notebooks" / "regression" / "l1_loss.ipynb", tmp_path / "my losses.ipynb")
    monkeypatch.chdir(tmp_path)
    assert demo("work/2026/my losses.ipynb#explorer=l1-loss&probe=1").probe == 1


def test_a_button_shows_its_demo_over_the_whole_window_and_the_next_takes_its_place():
    shown = demos()
    names = [button.description for button in shown.children[0].children]
    assert names == list(LINKS) and len(names) == len(LINKS)
    shown.children[0].children[0].click()
    first = shown.children[2]
    assert isinstance(first, Explorer) and first.spec["present"] and first.spec["id"] == "l1-loss"
    shown.show("Smooth L1")
    assert len(shown.children) == 3 and shown.children[2].spec["id"] == "smooth-l1-loss"
    first.probe = -1
    shown.show("L1")  # made once; it opens again as its link says
    assert shown.children[2] is first and first.probe == 1.5


def test_reset_leads_back_to_the_link_and_the_keys_move_its_last_slider():
    explorer = demo(f"{L1}#explorer=l1-loss&probe=2&target=0.5&revealed=false&hidden=MSE")
    explorer.target, explorer.revealed, explorer.hidden = -1, True, []
    explorer.reset()
    assert (explorer.target, explorer.probe, explorer.revealed, explorer.hidden) == (0.5, 2.0, False, ["MSE"])
    assert explorer.spec["active"] == "target"


def page(folder, *cells):
    made = [{"cell_type": kind, "source": source, "metadata": {}} for kind, source in cells]
    (folder / "mine.ipynb").write_text(json.dumps({"cells": made}), "utf-8")


def test_a_cell_that_is_no_plain_python_stands_in_nobodys_way(tmp_path, monkeypatch):
    page(
        tmp_path,
        ("code", "%matplotlib inline"),
        ("code", "from lossviz import *"),
        ("code", "def half(:"),
        ("code", 'explore(abs, title="γ", controls={}, name="g")'),
    )
    monkeypatch.chdir(tmp_path)
    assert demo("mine.ipynb#explorer=g&probe=1").probe == 1


def test_what_an_earlier_cell_shows_is_made_only_if_it_names_something(tmp_path, monkeypatch):
    page(
        tmp_path,
        ("code", "from pathlib import Path\nfrom lossviz import explore"),
        (
            "code",
            "def half(x):\n    return x / 2\ndef told(x):\n    Path('made').touch()\n    return half(x)\n"
            "explore(told, title='first', controls={})",
        ),
        ("code", "explore(named := half, title='second', controls={})"),
        ("code", "explore(named, title='third', controls={})"),
    )
    monkeypatch.chdir(tmp_path)
    for name in ("second", "third"):
        assert demo(f"mine.ipynb#explorer={name}&probe=2").probe == 2
    assert not (tmp_path / "made").exists()
    demo("mine.ipynb#explorer=first")
    assert (tmp_path / "made").exists()


def test_of_a_notebook_that_is_no_page_all_cells_run_past_those_that_fail(tmp_path, monkeypatch):
    page(
        tmp_path,
        ("code", "%matplotlib inline\nfrom lossviz import explore"),
        ("code", "seen = []\ndef grow(): seen.append(1)"),
        ("code", "%%time\n!ls\ngrow()"),
        ("code", "%%bash\nls"),
        ("code", "1 / 0"),
        ("code", "grow()"),
        ("code", "explore(lambda x: len(seen) + 0 * x, title='grown', controls={})"),
    )
    for folder in (tmp_path, ROOT / "book"):  # the page is beside the reader, or named from the handbook
        monkeypatch.chdir(folder)
        explorer = demo(f"{tmp_path}/mine.ipynb#explorer=grown")
        assert set(explorer.values("loss")) == {2}


def test_the_cells_of_a_page_are_chosen_and_those_of_a_notebook_beside_it_are_not(tmp_path):
    module = importlib.import_module("lossviz.demo")
    assert all(module._is_ours(path) for path in [*PAGES, *NOTEBOOKS])
    assert not module._is_ours(ROOT / "book" / "mine.ipynb") and not module._is_ours(tmp_path / "start.ipynb")


def test_a_choice_may_have_any_letters(tmp_path, monkeypatch):
    page(
        tmp_path,
        ("code", "from lossviz import Choice, explore"),
        ("code", 'explore(lambda x, c: x, controls={"c": Choice(["β", "γ"])}, name="g")'),
    )
    monkeypatch.chdir(tmp_path)
    assert demo("mine.ipynb#explorer=g&c=γ").c == "γ"


def test_links_of_markdown_make_buttons_and_two_of_one_name_are_refused(tmp_path):
    page(
        tmp_path,
        ("markdown", f"[One]({L1}#explorer=l1-loss) and <a class='x' href=\"b.html#explorer=c\">Two</a>"),
    )
    assert list(demos(tmp_path / "mine.ipynb").links) == ["One", "Two"]
    page(tmp_path, ("markdown", f"[One]({L1}#explorer=l1-loss) [One]({L1}#explorer=the-best-constant)"))
    with pytest.raises(ValueError, match="needs a name of its own, got 'One' twice"):
        demos(tmp_path / "mine.ipynb")


def test_the_page_of_demos_is_found_from_a_chapter_and_must_be_one(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks" / "regression")
    assert len(demos().links) == len(LINKS)
    (tmp_path / "no.ipynb").write_text("no JSON")
    with pytest.raises(ValueError, match=r"no\.ipynb is no notebook"):
        demos(tmp_path / "no.ipynb")
    with pytest.raises(ValueError, match="must lead to a page of the handbook"):
        demos("nowhere.ipynb")


def test_what_goes_wrong_is_said_beside_the_buttons():
    shown = demos()
    shown.links["L1"] = "gone.html#explorer=a"
    shown.show("L1")
    assert shown.children[1].value.startswith("L1: a link must lead to a page of the handbook")


def test_a_page_without_links_is_refused(tmp_path):
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": []}))
    with pytest.raises(ValueError, match=re.escape("must hold links to explorers")):
        demos(tmp_path / "a.ipynb")


def test_a_demo_keeps_the_question_of_its_link_and_of_its_page(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT / "book")
    link = "../notebooks/regression/l1_loss.ipynb#explorer=l1-loss&target=0.5"
    assert demo(f"{link}&ask=Which%20one%3F").spec["ask"] == "Which one?"
    assert demo(link).spec["ask"] == ""
    found = demos().links
    assert all("&ask=" in address for address in found.values())
    assert found["L1"].endswith(
        "&ask="
        + quote("The error grows from 1.5 to 3. What happens to the slope of each of the three losses?")
    )
