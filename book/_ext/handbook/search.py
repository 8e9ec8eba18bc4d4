"""The search: what it reads, section by section, in one file that only the page of the search loads.

Sphinx's own search finds whole pages, passes over numbers, cuts 0.693 in two at its point, and shows a line
of a page by fetching it, which a browser refuses in a folder (file:). Here a section is what is found: the
page of the search loads the text of all of them, as a script, and looks for words in it
(book/_static/search.js).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import yaml

from lossviz.losses.loss import Loss, Symptom

NAME = "sections.js"
WORDS = Path(__file__).parents[2] / "search_words.yml"
# Of no use to the search: what nobody reads, and what its line of text would give away.
UNREAD_TAGS = {"script", "style", "noscript", "button"}
UNREAD_CLASSES = {"headerlink", "tag_solution", "above-input"}
HEADINGS = {f"h{level}" for level in range(1, 7)}
CELLS = {"td", "th"}
# Two thirds of a chapter's tags colour the words of its code, and none of these tells the search anything.
CODE, COLOUR = re.compile(r"<pre\b.*?</pre>", re.S), re.compile(r"</?span\b[^>]*>")
# In formulas: operators and names stand apart, brackets and single letters do not.
TOKENS, CLOSE = {"mi", "mn", "mo"}, set("()[]|,.!")
APART = {"dt", "dd", "li", "p", "div", "pre", "summary", "figcaption", "section", "tr"}
# A table of symptoms says that it is one, and so do its rows; and, one a line, what people call what they
# tell, and the messages of torch.
SYMPTOMS, CALLED = "data-symptoms", ("data-said", "data-messages")


@dataclass
class Section:
    """A section of a page without those inside of it.

    anchor    its id
    above     the headings of the sections that it is in, the page's own title left out
    symptoms  each that it tells, or is the table of: [in words, what people call it, what readers see of it]
    table     whether it is a table of them; what people call all of its rows comes with no words
    """

    anchor: str
    above: list[str] = field(default_factory=list)
    heading: str = ""
    text: str = ""
    symptoms: list[list[str]] = field(default_factory=list)
    table: bool = False

    def add(self, words: str, called: Iterable[str], seen: Iterable[str] = ()) -> None:
        texts = spaced(words), " · ".join(called), " · ".join(seen)
        self.symptoms.append([text.replace("`", "") for text in texts])

    def add_symptom(self, symptom: Symptom) -> None:
        words = " · ".join([symptom.seen, symptom.why, symptom.fix])
        self.add(words, symptom.said, [symptom.seen, *symptom.messages])

    def entry(self) -> list:
        """The section for search.js, by places: a name for each of its texts would weigh more than some."""
        return [self.anchor, self.above, self.heading, self.text, self.symptoms, self.table]


class Sections(HTMLParser):
    """The sections of a page's article, in their order."""

    def __init__(self, page: str):
        super().__init__()
        self.found, self.open = [], []
        self.article = self.heading = self.token = False
        self.unread, self.depth = None, 0  # the tag that is passed over, and how many of its kind are open
        self.row, self.called = 0, None  # where a row of a table begins, and what people call the row
        self.feed(CODE.sub(lambda code: COLOUR.sub("", code[0]), page))
        for section in self.found:
            section.heading, section.text = spaced(section.heading), spaced(section.text).removesuffix(" ·")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "article":
            self.article = True
        elif not self.article:
            return
        elif self.unread:
            self.depth += tag == self.unread
        elif tag in UNREAD_TAGS or UNREAD_CLASSES & set((attributes.get("class") or "").split()):
            self.unread, self.depth = tag, 1
        elif tag == "section":
            above = [spaced(section.heading) for section in self.open[1:]]
            self.open.append(Section(attributes.get("id", ""), above))
            self.found.append(self.open[-1])
        elif tag in HEADINGS and self.open and not self.open[-1].heading:
            self.heading = True
        elif self.open:
            self.handle_symptoms(tag, attributes)
        self.token = tag in TOKENS

    def handle_symptoms(self, tag, attributes):
        if tag == "tr":
            self.row, self.called = len(self.open[-1].text), None
        kind = attributes.get(SYMPTOMS)
        called = [line for name in CALLED for line in (attributes.get(name) or "").split("\n") if line]
        if kind == "table":
            self.open[-1].table = True
            self.open[-1].add("", called)
        elif kind == "row":
            self.called = called

    def handle_endtag(self, tag):
        self.token = False
        if not self.article:
            return
        if self.unread:
            self.depth -= tag == self.unread
            self.unread = self.unread if self.depth else None
        elif tag == "article":
            self.article = False
        elif tag == "section":
            self.open.pop()
        elif tag in HEADINGS:
            self.heading = False
        elif tag == "tr" and self.open and self.called is not None:
            section = self.open[-1]
            section.add(section.text[self.row :].strip().removesuffix(" ·"), self.called)
            section.text, self.called = section.text[: self.row], None
        if tag in CELLS:
            self.handle_data(" · ")
        elif tag in APART | HEADINGS:
            self.handle_data(" ")

    def handle_data(self, data):
        if self.open and not self.unread:
            if self.token and data not in CLOSE and not (len(data) == 1 and data.isalnum()):
                data = f" {data} "
            if self.heading:
                self.open[-1].heading += data
            else:
                self.open[-1].text += data


def spaced(text: str) -> str:
    """The text in one line, without empty cells of a table."""
    return re.sub(r"(?: ·)+(?= ·)", "", re.sub(r"\s+", " ", text)).strip()


def names(loss: Loss) -> str:
    """All names of a loss: whoever types one of them looks for its chapter."""
    usual = [f"F.{loss.name}"] if loss.home == "torch.nn.functional" else []
    usual += [loss.torch_class.removeprefix("torch."), loss.torch_class] if loss.torch_class else []
    return " · ".join([*usual, loss.functional, *loss.aliases])


def chapter(loss: Loss) -> str:
    return f"notebooks/{loss.family}/{loss.name}"


def add_symptoms(pages: Mapping[str, list[Section]], losses: Iterable[Loss]) -> None:
    """Tells each section the symptoms that it explains; ValueError if a symptom names no heading."""
    by_heading = {(page, section.heading): section for page, found in pages.items() for section in found}
    for loss in losses:
        for symptom in loss.symptoms:
            place = symptom.page or chapter(loss), symptom.section.replace("`", "")
            if place not in by_heading:
                raise ValueError(f"A symptom must name a heading: {place[1]!r} is none of {place[0]}")
            by_heading[place].add_symptom(symptom)


def words() -> dict:
    """The words of the search: {"same": ..., "near": ..., "passed_over": ...}."""
    return yaml.safe_load(WORDS.read_text("utf-8"))


def script(pages: Mapping[str, str], losses: Iterable[Loss]) -> str:
    """The file for the search, from the finished pages by their names."""
    losses = list(losses)
    named = {chapter(loss): names(loss) for loss in losses}
    found = {page: Sections(html).found for page, html in pages.items()}
    add_symptoms(found, losses)
    read = [
        {
            "page": page,
            "title": sections[0].heading if sections else page,
            "names": named.get(page, ""),
            "sections": [section.entry() for section in sections],
        }
        for page, sections in found.items()
    ]
    text = json.dumps({"pages": read, "words": words()}, ensure_ascii=False, separators=(",", ":"))
    return f"const HANDBOOK = {text};\n"
