"""Formulas become MathML when the book is built: no script on the page, and screen readers read them.

Their font is STIX Two Math (SIL Open Font License), reduced to the characters that the pages use. It comes
with the package ziamath, of which nothing else is needed.
"""

import re
from html import unescape
from importlib.metadata import files
from pathlib import Path

from docutils.nodes import SkipNode
from fontTools import subset
from latex2mathml.converter import convert
from sphinx.errors import ExtensionError
from sphinx.util import logging

logger = logging.getLogger(__name__)
FONT = "STIXTwoMath-Regular.ttf"
FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
PUNCTUATED = re.compile(r"(<math\b(?:(?!</math>).)*</math>)([,.;:!?)]+)", re.DOTALL)
# A letter alone is set in italics, whose glyphs have code points of their own; h was there before the others.
ITALICS = {
    **{chr(ord("A") + i): chr(0x1D434 + i) for i in range(26)},
    **{chr(ord("a") + i): chr(0x1D44E + i) for i in range(26)},
    **{chr(0x391 + i): chr(0x1D6E2 + i) for i in range(25)},
    **{chr(0x3B1 + i): chr(0x1D6FC + i) for i in range(25)},
    "h": "\u210e",
    **dict(zip("∂ϵϑϰϕϱϖ", (chr(0x1D715 + i) for i in range(7)), strict=True)),
}
# TeX's spacing, where latex2mathml leaves it to MathML, which knows less of what a sign is there for.
BAR = re.compile(r"<mo(?=[^>]*>(?:&#x0007C;|&#x02016;)</mo>)")  # encloses, and stands close
# The bars of a norm keep their size: the font's next one is far too tall.
NORM = re.compile(r'(<mo lspace="0" rspace="0")(?=[^>]*>&#x02016;</mo>)')
# The name of a function, or the sign for infinity; as operators they would keep away from their neighbours.
NAME = re.compile(r"<mo>([a-z]{2,}|&#x0221E;)</mo>")
SIGN = re.compile(
    r"(<mo[^>]*>(?:&#x0003D;|\[|&#x00028;|&#x0002C;|&#x0003C;|&#x02264;)</mo>(?:<mspace[^>]*>)?)<mo>(?=&#x02212;</mo>)"
)
THIN = '<mspace width="0.167em" />'
BEFORE_NAME = re.compile(r"(</m(?:i|n|sub|sup|frac)>|&#x00029;</mo>)(?=<mi>[a-z]{2,}</mi>)")
# Not where the name is the base of an index: space would take the place of the index.
AFTER_NAME = re.compile(
    r"(?<!<msub>)(?<!<msup>)(?<!<munder>)(<mi>(?:log|ln|max|min|cos|exp)</mi>)(?=<m(?:i|n|sub|sup|row|frac|under|sqrt)\b)"
)


def mathml(tex: str, display: str) -> str:
    """ValueError, with the formula, for what is no TeX."""
    try:
        # latex2mathml does not know the extra space that \\ may be given between rows.
        found = convert(re.sub(r"\\\\\[[^\]]*\]", r"\\\\", tex), display=display)
    except Exception as error:
        raise ValueError(f"no formula: {tex!r} ({type(error).__name__} {error})") from error
    found = NORM.sub(r'\1 stretchy="false"', BAR.sub('<mo lspace="0" rspace="0"', found))
    found = SIGN.sub(r'\1<mo form="prefix">', NAME.sub(r"<mi>\1</mi>", found))
    return AFTER_NAME.sub(rf"\1{THIN}", BEFORE_NAME.sub(rf"\1{THIN}", found))


def visit(translator, node, display):
    try:
        text = mathml(node.astext(), display)
    except ValueError as error:
        logger.warning(str(error), location=node)
        text = ""
    return text


def visit_inline(translator, node):
    translator.body.append(visit(translator, node, "inline"))
    raise SkipNode


def visit_block(translator, node):
    name = translator.starttag(node, "div", CLASS="math")  # carries the label of a numbered formula
    translator.body.append(f"{name}{visit(translator, node, 'block')}</div>")
    raise SkipNode


def with_punctuation(body: str) -> str:
    """No line begins with the comma that belongs to a formula."""
    return PUNCTUATED.sub(r'<span class="nobreak">\1\2</span>', body)


def characters(pages: list[str]) -> set[str]:
    """All that the formulas of these pages need glyphs for."""
    text = "".join(unescape(re.sub(r"<[^>]*>", "", f)) for page in pages for f in FORMULA.findall(page))
    # The sign of a root is drawn, not written.
    roots = {"√" for page in pages if "<msqrt" in page or "<mroot" in page}
    return set(text) | {ITALICS[c] for c in text if c in ITALICS} | roots


def write_font(target: Path, pages: list[str]) -> None:
    """Writes the font with the glyphs that these pages need."""
    source = next((f for f in files("ziamath") or [] if f.name == FONT), None)
    if source is None:
        raise ExtensionError(f"the package ziamath has no {FONT}; install requirements.txt again")
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    font = subset.load_font(str(source.locate()), options)
    maker = subset.Subsetter(options)
    maker.populate(unicodes=map(ord, characters(pages)))
    maker.subset(font)
    subset.save_font(font, str(target), options)
