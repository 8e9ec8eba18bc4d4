"""What the search reads of a page, section by section."""

import json
from dataclasses import replace

import pytest

from book._ext.handbook import search
from lossviz import CATALOG

PAGE = """<body><nav>elsewhere</nav><article><script>x</script>
    <section id="a"><h1>One <code><span class="pre">ignore_index</span></code><a class="headerlink">#</a></h1>
    <table><tr><td>left</td><td>1 &lt; 2</td><td></td></tr></table>
    <section id="b"><h2>Two</h2><p>An
        <b>un</b>named one.</p><section id="c"><h3>Three</h3></section></section>
    <p>The end.</p></section></article><footer>foot</footer></body>"""


def read(body: str) -> search.Section:
    """The section of a page that has one."""
    (section,) = search.Sections(f'<article><section id="a">{body}</section></article>').found
    return section


def test_a_page_is_read_in_sections_each_without_those_inside_of_it():
    found = [(s.anchor, s.above, s.heading, s.text) for s in search.Sections(PAGE).found]
    assert found == [
        ("a", [], "One ignore_index", "left · 1 < 2 · The end."),
        ("b", [], "Two", "An unnamed one."),
        ("c", ["Two"], "Three", ""),
    ]


def test_words_of_code_stay_whole():
    code = '<span>F</span><span>.</span><span>kl_div</span>(<span>reduction</span>=<span>"sum"</span>)'
    assert read(f"<h1>Code</h1><pre>{code}</pre>").text == 'F.kl_div(reduction="sum")'


def test_numbers_and_names_in_formulas_stand_apart():
    formula = "<mi>log</mi><mn>2</mn><mo>=</mo><mn>0.693</mn><mo>,</mo><msub><mi>x</mi><mn>1</mn></msub>"
    assert read(f"<h1>Formula</h1><math>{formula}</math>").text == "log 2 = 0.693 ,x1"


def test_the_way_to_a_solution_is_not_shown():
    cell = '<div class="cell tag_solution"><div><p>answer = 42</p></div></div>'
    assert read(f"<h1>Exercise</h1>{cell}<p>Stub.</p>").text == "Stub."


def test_a_table_of_symptoms_says_so_and_what_they_are_called():
    table = """<div data-symptoms="table" data-said="not learning&#10;stuck"><p>Why.</p><table>
        <tr><th>seen</th><th>why</th></tr>
        <tr><td><span data-symptoms="row" data-said="a coin" data-messages="No!"></span>0.693</td>
        <td>ln 2</td></tr>
        <tr><td><span data-symptoms="row"></span>0</td><td>too far</td></tr></table></div>"""
    section = read(f"<h1>No gradient</h1>{table}")
    assert section.table and section.text == "Why. seen · why"
    assert section.symptoms == [
        ["", "not learning · stuck", ""],
        ["0.693 · ln 2", "a coin · No!", ""],
        ["0 · too far", "", ""],
    ]
    assert not read("<h1>No gradient</h1><p>0.693</p>").table


def chapter_of(loss) -> str:
    headings = {symptom.section.replace("`", "") for symptom in loss.symptoms}
    return f"<article><section id='top'><h1>{loss.title}</h1>" + "".join(
        f"<section id='{place}'><h2>{heading}</h2></section>" for place, heading in enumerate(headings)
    )


def entries(pages, losses) -> dict:
    return json.loads(search.script(pages, losses).removeprefix("const HANDBOOK = ").removesuffix(";\n"))


def test_a_section_has_the_symptoms_of_the_loss_that_it_explains():
    whole = CATALOG["cross_entropy"]
    loss = replace(whole, symptoms=tuple(symptom for symptom in whole.symptoms if not symptom.page))
    (page,) = entries({search.chapter(loss): chapter_of(loss)}, [loss])["pages"]
    told = {heading: symptoms for _, _, heading, _, symptoms, _ in page["sections"]}
    for symptom in loss.symptoms:
        words = [text.replace("`", "") for text in (symptom.seen, symptom.why, symptom.fix)]
        assert search.spaced(" · ".join(words)) in [
            text for text, *_ in told[symptom.section.replace("`", "")]
        ]


def test_a_symptom_without_a_section_stops_the_build():
    loss = CATALOG["cross_entropy"]
    lost = replace(loss, symptoms=(replace(loss.symptoms[0], section="Nowhere"),))
    with pytest.raises(ValueError, match="'Nowhere' is none of notebooks/classification/cross_entropy"):
        search.script({search.chapter(loss): chapter_of(loss)}, [lost])


@pytest.mark.parametrize("loss", CATALOG.values(), ids=CATALOG)
def test_a_chapter_has_all_names_of_its_loss(loss):
    names = search.names(loss).split(" · ")
    assert {loss.functional, *loss.aliases} <= set(names)
    assert loss.torch_class is None or loss.torch_class.removeprefix("torch.") in names
    assert (f"F.{loss.name}" in names) == (loss.home == "torch.nn.functional")


def test_the_words_of_the_search_are_lists_of_words():
    words = search.words()
    assert set(words) == {"same", "near", "passed_over"}
    for said, typed in (words["same"] | words["near"]).items():
        assert typed and all(isinstance(one, str) for one in [said, *typed]), said
        assert len({one.lower() for one in typed}) == len(typed), f"{said} is listed with a word twice"
        assert said.lower() not in {one.lower() for one in typed}, said
