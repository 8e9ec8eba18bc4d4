"""The notebooks as files, without a kernel: executed, clean, and built like every other chapter.

nbval compares only what is stored, so a cell that was never executed would pass it. Each rule below returns
the problems that it finds; the second half of this file breaks a good notebook in one way after another.
"""

import ast
import json
import re

import pytest

from lossviz.losses import CATALOG
from tests import handbook
from tests.handbook import (
    BOOK,
    CHAPTERS,
    NOTEBOOKS,
    PAGES,
    ROOT,
    contents,
    headings,
    read,
    source,
    tags,
)

SECTIONS = [
    "Why this loss",
    "Formula",
    "By hand",
    "In NumPy",
    "Against PyTorch",
    "Explore",
    "Pitfalls",
    "In practice",
    "Exercises",
    "Summary",
]
# A loss that torch lacks is held against the libraries that have it.
COMPARED = {True: "Against PyTorch", False: "Against the libraries"}
SUMMARY_PARTS = ["Check yourself", "References"]
SIZE_LIMIT = 400_000
OPENING = 150  # words before the first explorer
FIRST_READING = 2000  # words
# What is not read in one go with the rest.
NOT_READ = re.compile(r"## Exercises|### (\d\. |To think about|Check yourself|References)")
SECOND_READING = '<small data-reading="second">On a second reading.</small>'
SETUP_LINES = 12
CELL_LINES = 18
FOLDED_CELL_LINES = 48  # of one that is folded, and of the functions in NumPy
CODE_WIDTH = 88  # characters: what a page shows beside its two side bars without scrolling
EXERCISES = 3
QUESTIONS = range(3, 6)
ANSWERS = range(3, 5)
ANSWER = re.compile(
    r'<details class="(right|wrong)"><summary>(\w)\. (.+?)</summary>\n\n(.+?)\n</details>', re.DOTALL
)

# What differs between runs or machines: a file's place, an object's address.
MACHINE_PATTERN = re.compile(
    r"/home/|/root/|/Users/|/tmp/|site-packages|[A-Za-z]:\\\\?Users|\b0x[0-9a-f]{6,}"
)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Each of these makes nbval look away, as a tag or as a comment.
NBVAL_MARKERS = {"nbval-ignore-output", "nbval-skip", "nbval-raises-exception", "raises-exception"}


# Reading a notebook


def sections_of(name):
    in_torch = name not in CATALOG or CATALOG[name].torch_class is not None
    return [COMPARED[in_torch] if title == COMPARED[True] else title for title in SECTIONS]


def code_cells(notebook):
    return handbook.cells(notebook, "code")


def sections(notebook):
    """The code cells of each section, with their number in the notebook."""
    starts = {index: title for level, title, index in headings(notebook) if level == 2}
    found, current, number = {}, None, 0
    for index, cell in enumerate(notebook["cells"]):
        current = starts.get(index, current)
        if cell["cell_type"] == "code":
            number += 1
            found.setdefault(current, []).append((number, cell))
    return found


def is_explorer(cell):
    return cell["cell_type"] == "code" and re.search(
        r"^(explore\w*|side_by_side)\(", source(cell), re.MULTILINE
    )


def words(text):
    """How many words of prose a text has: no tables, formulas, code or headings."""
    text = re.sub(r"```.*?```|\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$|`[^`]*`", "x", re.sub(r"^\s*(\||#|<).*$", " ", text, flags=re.MULTILINE))
    return len(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).split())


def statements(cell, kinds):
    return [node for node in ast.walk(ast.parse(source(cell))) if isinstance(node, kinds)]


# The rules: each takes a notebook and its loss's name, and returns a list of problems


def every_cell_is_executed_in_order(notebook, name):
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    problems = []
    if counts != list(range(1, len(counts) + 1)):
        problems.append(f"execution counts must be 1..{len(counts)}, got {counts}")
    if not any(cell["outputs"] for cell in code_cells(notebook)):
        problems.append("no cell has an output")
    return problems


def outputs_are_stable(notebook, name):
    problems = []
    if "widgets" in notebook["metadata"]:
        problems.append("the metadata hold widget state")
    for number, cell in enumerate(code_cells(notebook), start=1):
        for output in cell["outputs"]:
            data = output.get("data", {"text/plain": output.get("text", "")})
            if output["output_type"] == "error":
                problems.append(f"code cell {number} raises {output['ename']}")
                continue
            problems += [
                f"code cell {number} stores {mime}" for mime in ("text/html", WIDGET_VIEW) if mime in data
            ]
            if "text/plain" not in data:
                problems.append(f"code cell {number} has an output without text/plain, which nbval compares")
            if match := MACHINE_PATTERN.search("".join(data.get("text/plain", ""))):
                problems.append(f"code cell {number} prints {match[0]!r}, which another run does not")
    return problems


def file_is_small(notebook, name):
    size = len(json.dumps(notebook, ensure_ascii=False, indent=1).encode())
    return [] if size <= SIZE_LIMIT else [f"{size} bytes; the limit is {SIZE_LIMIT}"]


def sections_are_those_of_every_chapter(notebook, name):
    found = headings(notebook)
    titles = [title for level, title, _ in found if level == 2]
    problems = []
    if [index for level, _, index in found if level == 1] != [0]:
        problems.append("one title (# ...) is needed, in the first cell")
    if titles != (expected := sections_of(name)):
        problems.append(f"the sections must be {expected}, got {titles}")
    below_summary = [title for _, title, _ in found[-len(SUMMARY_PARTS) :]]
    if below_summary != SUMMARY_PARTS:
        problems.append(f"the summary must end with {SUMMARY_PARTS}, got {below_summary}")
    return problems


def opens_with_an_explorer(notebook, name):
    """A reader meets the thing itself before it is explained, and what to do in trouble right below."""
    cells = notebook["cells"]
    first = next((i for i, cell in enumerate(cells) if is_explorer(cell)), len(cells))
    problems = []
    if (
        count := sum(words(source(cell)) for cell in handbook.cells({"cells": cells[:first]}, "markdown"))
    ) > OPENING:
        problems.append(f"{count} words stand before the first explorer; the limit is {OPENING}")
    if [index for level, _, index in headings(notebook) if level == 2 and index < first]:
        problems.append("the first explorer must stand above the first section")
    if f'in_trouble("{name}")' not in [source(cell) for cell in cells[first + 1 : first + 4]]:
        problems.append(f'in_trouble("{name}") must stand below the first explorer')
    return problems


def first_reading_is_short(notebook, name):
    """Without the exercises and what is folded or marked for a second reading."""
    count, reads = 0, True
    for cell in handbook.cells(notebook, "markdown"):
        text = source(cell)
        if re.match(r"#{2,3} ", text):
            reads = SECOND_READING not in text and not NOT_READ.match(text)
        count += words(re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)) if reads else 0
    problem = f"a first reading has {count} words; the limit is {FIRST_READING}"
    return [] if count <= FIRST_READING else [problem]


def imports_stand_in_setup(notebook, name):
    # On the start page a cell runs by itself (tests/test_lab.py): a newcomer runs one, and none before it.
    if name == "start":
        return []
    problems = []
    if (lines := len(source(code_cells(notebook)[0]).splitlines())) > SETUP_LINES:
        problems.append(f"the setup cell has {lines} lines; the limit is {SETUP_LINES}")
    for number, cell in enumerate(code_cells(notebook), start=1):
        # What is for JupyterLab alone a reader runs by itself.
        if number == 1 or "remove-cell" in tags(cell):
            continue
        for node in statements(cell, (ast.Import, ast.ImportFrom)):
            if not (ast.unparse(node) == "import numpy as np" and "numpy" in tags(cell)):
                problems.append(f"code cell {number} imports outside the setup cell: {ast.unparse(node)}")
    return problems


def numpy_cells_carry_the_tag(notebook, name):
    problems, defined = [], set()
    for section, cells in sections(notebook).items():
        for number, cell in cells:
            functions = {node.name for node in statements(cell, ast.FunctionDef)}
            tagged = "numpy" in tags(cell)
            if tagged:
                defined |= functions
            if tagged and section != "In NumPy":
                problems.append(f"code cell {number} is tagged numpy outside the section In NumPy")
            if functions and not tagged and section == "In NumPy":
                problems.append(f"code cell {number} defines {sorted(functions)} without the tag numpy")
    for function in (name, f"{name}_grad"):
        if function not in defined:
            problems.append(f"no cell tagged numpy defines {function}")
    return problems


def nbval_compares_every_cell(notebook, name):
    problems = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        comments = {line.strip("# ").lower().replace("_", "-") for line in source(cell).splitlines()}
        for marker in sorted(NBVAL_MARKERS & (tags(cell) | comments)):
            problems.append(f"code cell {number} is kept from nbval by {marker}")
        # Whose numbers are not compared: conftest.py.
        holds = any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source(cell))))
        if "chaotic" in tags(cell) and not holds and not is_explorer(cell):
            problems.append(f"code cell {number} is chaotic, and asserts nothing")
    return problems


def cells_are_short(notebook, name):
    problems = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        limit = FOLDED_CELL_LINES if tags(cell) & {"numpy", "hide-input", "hide-cell"} else CELL_LINES
        lines = len(source(cell).splitlines())
        if lines > limit and "long" not in tags(cell):
            problems.append(f"code cell {number} has {lines} lines; the limit is {limit}")
    return problems


def code_is_not_cut_off(notebook, name):
    return [
        f"code cell {number} has a line of {len(line)} characters; the limit is {CODE_WIDTH}"
        for number, cell in enumerate(code_cells(notebook), start=1)
        for line in source(cell).splitlines()
        if len(line) > CODE_WIDTH
    ]


def every_picture_is_told_in_words(notebook, name):
    """An explorer tells its own; what else is drawn needs a text for those who do not see it."""
    problems = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        shown = [output.get("data", {}) for output in cell.get("outputs", [])]
        drawn = [d for d in shown if "image/png" in d and "xplorer(" not in "".join(d.get("text/plain", ""))]
        text = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        if drawn and len(text) < 40:
            problems.append(f"code cell {number} draws a picture: tell it in metadata mystnb.image.alt")
    return problems


def solutions_are_folded(notebook, name):
    problems, solutions = [], 0
    for section, cells in sections(notebook).items():
        for number, cell in cells:
            if "solution" not in tags(cell):
                continue
            solutions += section == "Exercises"
            if not tags(cell) & {"hide-cell", "hide-input"}:
                problems.append(f"code cell {number}, a solution, is open on the site: tag it hide-cell")
            if not cell["metadata"].get("jupyter", {}).get("source_hidden"):
                problems.append(f"code cell {number}, a solution, is open in JupyterLab: collapse its input")
    if solutions < EXERCISES:
        problems.append(
            f"{solutions} cells of the section Exercises are tagged solution; {EXERCISES} are needed"
        )
    return problems


def a_heading_begins_its_cell(notebook, name):
    """Slides and links to sections begin with it; only another heading may stand before it."""
    problems = []
    for _, title, index in headings(notebook):
        before = source(notebook["cells"][index]).split(title)[0]
        if re.sub(r"^#+ .*$|^#+ *$", "", before, flags=re.MULTILINE).strip():
            problems.append(f"the heading {title!r} stands in the middle of a cell")
    return problems


def formulas_are_closed(notebook, name):
    """A paragraph or a point of a list holds whole formulas; a line that begins with "+ " begins a list."""
    problems = []
    for cell in notebook["cells"]:
        text = re.sub(r"```.*?```|`[^`]*`|\\\$", "", source(cell), flags=re.DOTALL)
        if cell["cell_type"] == "markdown":
            blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-+*]|1[.)]) )", text)
            problems += [
                f"a formula is not closed in {block[:60]!r}" for block in blocks if block.count("$") % 2
            ]
    return problems


def questions(notebook):
    """Each question below Check yourself: its text and its answers as (class, letter, answer, reason)."""
    titles = {index: title for _, title, index in headings(notebook)}
    found, current = [], None
    for index, cell in enumerate(notebook["cells"]):
        current = titles.get(index, current)
        if current == "Check yourself" and (match := re.match(r"\*\*\d\.\*\* ", source(cell))):
            found.append((match[0], ANSWER.findall(source(cell))))
    return found


def questions_are_answered_with_reasons(notebook, name):
    if "Check yourself" not in [title for _, title, _ in headings(notebook)]:
        return []  # a page without questions; a chapter must have the heading
    found, problems = questions(notebook), []
    if len(found) not in QUESTIONS:
        problems.append(f"{len(found)} questions below Check yourself; 3 to 5 are needed")
    if [number for number, _ in found] != [f"**{k}.** " for k in range(1, len(found) + 1)]:
        problems.append("the questions must be numbered from 1")
    for number, answers in found:
        kinds = [kind for kind, *_ in answers]
        letters = "".join(letter for _, letter, _, _ in answers)
        if letters != "ABCD"[: len(letters)]:
            problems.append(f"question {number}must have answers A, B, C, …, got {letters}")
        if len(answers) not in ANSWERS or kinds.count("right") != 1:
            problems.append(f"question {number}needs 3 or 4 answers, one of them right, got {kinds}")
        for kind, _, answer, reason in answers:
            if not re.match({"right": "Right[.:] ", "wrong": "No[.:] "}[kind], reason) or len(reason) < 40:
                problems.append(f"question {number}has no reason why {answer!r} is {kind}")
    places = {[kind for kind, *_ in answers].index("right") for _, answers in found if not problems}
    if not problems and len(places) < 2:
        problems.append("the right answer always stands in the same place")
    return problems


RULES = [
    every_cell_is_executed_in_order,
    outputs_are_stable,
    file_is_small,
    every_picture_is_told_in_words,
    sections_are_those_of_every_chapter,
    opens_with_an_explorer,
    first_reading_is_short,
    a_heading_begins_its_cell,
    formulas_are_closed,
    questions_are_answered_with_reasons,
    imports_stand_in_setup,
    numpy_cells_carry_the_tag,
    nbval_compares_every_cell,
    cells_are_short,
    code_is_not_cut_off,
    solutions_are_folded,
]

PAGE_RULES = [
    formulas_are_closed,
    questions_are_answered_with_reasons,
    every_cell_is_executed_in_order,
    every_picture_is_told_in_words,
    outputs_are_stable,
    file_is_small,
    imports_stand_in_setup,
    nbval_compares_every_cell,
    cells_are_short,
    code_is_not_cut_off,
]


# The chapters and the pages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter(path, rule):
    problems = rule(read(path), path.stem)
    assert not problems, "\n".join(problems)


# The pages go across the losses and have no sections in common.
@pytest.mark.parametrize("rule", PAGE_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path, rule):
    problems = rule(read(path), path.stem)
    assert not problems, "\n".join(problems)


def test_every_page_is_in_the_contents():
    listed = [file for file in contents() if file.startswith("book/")]
    on_disk = [path.relative_to(ROOT).with_suffix("").as_posix() for path in BOOK.glob("*.[mi]*")]
    assert sorted(listed) == sorted(on_disk)


def test_notebooks_and_catalogue_and_contents_name_the_same_chapters():
    on_disk = {path.relative_to(ROOT).with_suffix("").as_posix() for path in NOTEBOOKS}
    catalogued = {f"notebooks/{spec.family}/{name}" for name, spec in CATALOG.items()}
    assert sorted(CHAPTERS) == sorted(on_disk)
    assert on_disk == catalogued


# The rules bite: a good notebook, and what each defect makes of it


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text, *tags, printed=""):
    output = {"output_type": "stream", "name": "stdout", "text": printed}
    folded = {"jupyter": {"source_hidden": True}} if "hide-cell" in tags else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": list(tags)} | folded,
        "outputs": [output] if printed else [],
        "source": text,
    }


def question(number):
    answers = 2 * [("wrong", "No. That is what one thinks who forgets the rule.")]
    answers.insert(number % 2, ("right", "Right. It is so because the rule says it is."))
    shown = [
        f'<details class="{kind}"><summary>{letter}. 0</summary>\n\n{reason}\n</details>'
        for letter, (kind, reason) in zip("ABC", answers, strict=True)
    ]
    return markdown(f"**{number}.** Which?\n\n" + "\n\n".join(shown))


def good_notebook():
    cells = [
        markdown("# Zero loss\n\nAlways 0.\n\n```python\n# a comment, no heading\n```"),
        code("import torch\n\nfrom lossviz import explore, in_trouble"),
        code("explore(torch.zeros_like)", printed="Explorer()"),
        code('in_trouble("zero")'),
    ]
    for title in SECTIONS:
        cells.append(markdown(f"## {title}"))
        if title == "By hand":
            cells.append(code("print(0)", printed="0\n"))
        if title == "In NumPy":
            cells.append(
                code(
                    "import numpy as np\n\n\ndef zero(input):\n    return np.zeros(())\n\n\n"
                    "def zero_grad(input):\n    return np.zeros_like(input)",
                    "numpy",
                )
            )
        if title == "Exercises":
            cells += [code(f"answer = {k}", "solution", "hide-cell") for k in range(EXERCISES)]
        if title == "Summary":
            cells.append(markdown("### Check yourself\n\nChoose."))
            cells += [question(k) for k in range(1, 4)]
            cells.append(markdown("### References"))
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for number, cell in enumerate(code_cells(notebook), start=1):
        cell["execution_count"] = number
    return notebook


SETUP, OPENER, TROUBLE, BY_HAND, NUMPY, SOLUTION = range(6)


def print_instead(cell, text):
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]


def show(cell, **data):
    cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]


def replace(notebook, old, new):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = cell["source"].replace(old, new)


# Name of the defect: how a good notebook, given with its code cells, gets it; what a rule says of it.
DEFECTS = {
    "not_executed": (
        lambda nb, cells: cells[BY_HAND].update(execution_count=None),
        "execution counts must be 1..8, got [1, 2, 3, None, 5, 6, 7, 8]",
    ),
    "executed_out_of_order": (
        lambda nb, cells: cells[SETUP].update(execution_count=2),
        "execution counts must be 1..8, got [2, 2, 3, 4, 5, 6, 7, 8]",
    ),
    "without_outputs": (lambda nb, cells: [c.update(outputs=[]) for c in cells], "no cell has an output"),
    "with_an_untold_picture": (
        lambda nb, cells: show(cells[BY_HAND], **{"image/png": "", "text/plain": "<Figure>"}),
        "code cell 4 draws a picture: tell it in metadata mystnb.image.alt",
    ),
    "with_widget_state": (
        lambda nb, cells: nb["metadata"].update(widgets={}),
        "the metadata hold widget state",
    ),
    "with_widget_view": (
        lambda nb, cells: show(cells[BY_HAND], **{WIDGET_VIEW: {}, "text/plain": "Explorer()"}),
        f"code cell 4 stores {WIDGET_VIEW}",
    ),
    "with_html": (
        lambda nb, cells: show(cells[BY_HAND], **{"text/html": "<b>", "text/plain": "Card()"}),
        "code cell 4 stores text/html",
    ),
    "picture_without_text": (
        lambda nb, cells: show(cells[BY_HAND], **{"image/png": ""}),
        "code cell 4 has an output without text/plain, which nbval compares",
    ),
    "with_traceback": (
        lambda nb, cells: cells[BY_HAND].update(outputs=[{"output_type": "error", "ename": "ValueError"}]),
        "code cell 4 raises ValueError",
    ),
    "with_absolute_path": (
        lambda nb, cells: print_instead(cells[BY_HAND], "/home/ada/handbook"),
        "code cell 4 prints '/home/', which another run does not",
    ),
    "with_memory_address": (
        lambda nb, cells: print_instead(cells[BY_HAND], "<Line2D at 0x7f2660661a50>"),
        "code cell 4 prints '0x7f2660661a50', which another run does not",
    ),
    "section_missing": (lambda nb, cells: replace(nb, "## Pitfalls", ""), "the sections must be"),
    "section_renamed": (
        lambda nb, cells: replace(nb, "## Formula", "## Definition"),
        "the sections must be",
    ),
    "late_explorer": (
        lambda nb, cells: replace(nb, "Always 0.", "Always 0. " * OPENING),
        "words stand before the first explorer; the limit is 150",
    ),
    "explorer_below_a_section": (
        lambda nb, cells: nb["cells"].insert(1, markdown("## Setup")),
        "the first explorer must stand above the first section",
    ),
    "without_help": (
        lambda nb, cells: cells[TROUBLE].update(source="print(0)"),
        'in_trouble("zero") must stand below the first explorer',
    ),
    "long_first_reading": (
        lambda nb, cells: replace(nb, "## Pitfalls", "## Pitfalls\n\n" + "Often. " * FIRST_READING),
        "a first reading has",
    ),
    "without_title": (
        lambda nb, cells: replace(nb, "# Zero loss", ""),
        "one title (# ...) is needed",
    ),
    "without_references": (
        lambda nb, cells: replace(nb, "### References", ""),
        "the summary must end with",
    ),
    "heading_in_the_middle": (
        lambda nb, cells: replace(nb, "## Formula", "Before it.\n\n## Formula"),
        "the heading 'Formula' stands in the middle of a cell",
    ),
    "formula_cut_by_a_list": (
        lambda nb, cells: replace(nb, "Always 0.", "Always $0\n+ 0$."),
        "a formula is not closed in",
    ),
    "too_few_questions": (
        lambda nb, cells: nb["cells"].remove(question(3)),
        "2 questions below Check yourself",
    ),
    "question_with_two_right_answers": (
        lambda nb, cells: replace(
            nb, '"wrong"><summary>C. 0</summary>\n\nNo.', '"right"><summary>C. 0</summary>\n\nRight.'
        ),
        "needs 3 or 4 answers, one of them right",
    ),
    "answers_without_their_letters": (
        lambda nb, cells: replace(nb, "<summary>B. ", "<summary>C. "),
        "must have answers A, B, C, …, got ACC",
    ),
    "answer_without_a_reason": (
        lambda nb, cells: replace(nb, "No. That is what one thinks who forgets the rule.", "No. It is not."),
        "has no reason why '0' is wrong",
    ),
    "answer_that_judges_itself_wrongly": (
        lambda nb, cells: replace(nb, "Right. It is so", "No. It is not so"),
        "has no reason why '0' is right",
    ),
    "right_answer_always_first": (
        lambda nb, cells: [
            nb["cells"].__setitem__(
                nb["cells"].index(question(k)),
                question(2) | {"source": question(2)["source"].replace("**2.**", f"**{k}.**")},
            )
            for k in (1, 3)
        ],
        "the right answer always stands in the same place",
    ),
    "import_outside_setup": (
        lambda nb, cells: cells[BY_HAND].update(source="import math"),
        "code cell 4 imports outside the setup cell: import math",
    ),
    "numpy_imported_outside_setup_and_tag": (
        lambda nb, cells: cells[BY_HAND].update(source="import numpy as np"),
        "code cell 4 imports outside the setup cell: import numpy as np",
    ),
    "numpy_cell_imports_torch": (
        lambda nb, cells: cells[NUMPY].update(source=cells[NUMPY]["source"] + "\nimport torch"),
        "code cell 5 imports outside the setup cell: import torch",
    ),
    "long_setup": (
        lambda nb, cells: cells[SETUP].update(source="import torch\n" * (SETUP_LINES + 1)),
        "the setup cell has 13 lines; the limit is 12",
    ),
    "numpy_tag_elsewhere": (
        lambda nb, cells: cells[BY_HAND]["metadata"].update(tags=["numpy"]),
        "code cell 4 is tagged numpy outside the section In NumPy",
    ),
    "helper_without_numpy_tag": (
        lambda nb, cells: nb["cells"].insert(
            nb["cells"].index(cells[NUMPY]) + 1, code("def helper(): ...") | {"execution_count": 6}
        ),
        "code cell 6 defines ['helper'] without the tag numpy",
    ),
    "without_gradient": (
        lambda nb, cells: cells[NUMPY].update(source=cells[NUMPY]["source"].replace("_grad", "_slope")),
        "no cell tagged numpy defines zero_grad",
    ),
    "tagged_nbval_ignore_output": (
        lambda nb, cells: cells[BY_HAND]["metadata"].update(tags=["nbval-ignore-output"]),
        "code cell 4 is kept from nbval by nbval-ignore-output",
    ),
    "chaotic_and_asserts_nothing": (
        lambda nb, cells: cells[BY_HAND]["metadata"].update(tags=["chaotic"]),
        "code cell 4 is chaotic, and asserts nothing",
    ),
    "commented_nbval_skip": (
        lambda nb, cells: cells[BY_HAND].update(source="# NBVAL_SKIP\nprint(0)"),
        "code cell 4 is kept from nbval by nbval-skip",
    ),
    "long_cell": (
        lambda nb, cells: cells[BY_HAND].update(source="print(0)\n" * (CELL_LINES + 1)),
        f"code cell 4 has {CELL_LINES + 1} lines; the limit is {CELL_LINES}",
    ),
    "wide_cell": (
        lambda nb, cells: cells[BY_HAND].update(source=f"print({'0' * CODE_WIDTH})"),
        f"code cell 4 has a line of {CODE_WIDTH + 7} characters; the limit is {CODE_WIDTH}",
    ),
    "long_numpy_cell": (
        lambda nb, cells: cells[NUMPY].update(source=cells[NUMPY]["source"] + "\n" * FOLDED_CELL_LINES),
        f"code cell 5 has {FOLDED_CELL_LINES + 8} lines; the limit is {FOLDED_CELL_LINES}",
    ),
    "solution_open_on_the_site": (
        lambda nb, cells: cells[SOLUTION]["metadata"].update(tags=["solution"]),
        "code cell 6, a solution, is open on the site",
    ),
    "solution_open_in_jupyterlab": (
        lambda nb, cells: cells[SOLUTION]["metadata"].pop("jupyter"),
        "code cell 6, a solution, is open in JupyterLab",
    ),
    "exercise_without_solution": (
        lambda nb, cells: cells[SOLUTION]["metadata"].update(tags=[]),
        "2 cells of the section Exercises are tagged solution; 3 are needed",
    ),
    "too_large": (
        lambda nb, cells: show(cells[BY_HAND], **{"image/png": "A" * SIZE_LIMIT, "text/plain": "<Figure>"}),
        "bytes; the limit is 400000",
    ),
}


def all_problems(notebook):
    return [problem for rule in RULES for problem in rule(notebook, "zero")]


def test_a_good_notebook_has_no_problems():
    assert all_problems(good_notebook()) == []


def test_a_cell_tagged_long_may_be_long():
    notebook = good_notebook()
    code_cells(notebook)[BY_HAND].update(source="print(0)\n" * 50, metadata={"tags": ["long"]})
    assert all_problems(notebook) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_defect_is_found(defect):
    spoil, expected = DEFECTS[defect]
    notebook = good_notebook()
    spoil(notebook, code_cells(notebook))
    found = all_problems(notebook)
    assert any(expected in problem for problem in found), found
