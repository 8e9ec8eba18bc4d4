"""What a demo asks: its link carries the question to the explorer, which shows it while it is presented.

A question is marked where it stands, by <span data-ask>. It belongs to the links that present an explorer in
its row of a table, elsewhere to the first such link after it in its section.
"""

import re
from html import unescape
from urllib.parse import quote

PRESENTS = r'<a\b[^>]*\bhref="(?P<href>[^"#]*#explorer=[^"]*\bpresent=true[^"]*)"'
QUESTION = r"<span data-ask(?:=\"\")?>(?P<words>.*?)</span>"
PART = re.compile(
    rf"(?P<row><tr\b.*?</tr>)|(?P<section><section\b)|(?P<question>{QUESTION})|(?P<link>{PRESENTS})",
    re.DOTALL,
)
LINK = re.compile(PRESENTS, re.DOTALL)
ASKED = re.compile(QUESTION, re.DOTALL)
UNSAID = re.compile(r"<annotation\b.*?</annotation>|<[^>]+>", re.DOTALL)


def text(html: str) -> str:
    """The question in words alone."""
    return " ".join(unescape(UNSAID.sub("", html)).split())


def carry(link: re.Match, question: str) -> str:
    """The beginning of a link, with the question at the end of its address."""
    return link[0].replace(link["href"], f"{link['href']}&amp;ask={quote(question)}")


def with_questions(body: str) -> str:
    waiting = ""

    def follow(part: re.Match) -> str:
        nonlocal waiting
        if part["row"]:
            asked = ASKED.search(part[0])
            return LINK.sub(lambda link: carry(link, text(asked["words"])), part[0]) if asked else part[0]
        if part["link"]:
            question, waiting = waiting, ""
            return carry(part, question) if question else part[0]
        waiting = text(part["words"]) if part["question"] else ""
        return part[0]

    return PART.sub(follow, body)
