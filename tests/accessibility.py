"""What axe-core finds on a page as it stands, looking once at what is alike."""

import contextlib

from tests.conftest import skip_unless_ci
from tests.handbook import ROOT

AXE = ROOT / ".venv" / "node" / "node_modules" / "axe-core" / "axe.min.js"  # tools/node.sh

# preload: axe would fetch style sheets again, from addresses that it resolves wrongly.
ALL_RULES = {"resultTypes": ["violations"], "preload": False}
# All that depends on the theme. It takes axe as long as all other rules together.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
CONTRAST = ALL_RULES | {"runOnly": OF_COLOUR}
BUT_CONTRAST = ALL_RULES | {"rules": {rule: {"enabled": False} for rule in OF_COLOUR}}

# Two thirds of a chapter are coloured words of its code. One that looks like another before it tells nothing
# new, and neither does one in a fold that is shut: its text stays, its element is taken out, and put back
# when axe has looked.
TAKE_OUT_ALIKE = """() => {
  const seen = new Set();
  const ground = element => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour === 'rgba(0, 0, 0, 0)' && element.parentElement ? ground(element.parentElement) : colour;
  };
  const tellsNothing = word => {
    if (!word.checkVisibility({ visibilityProperty: true })) return true;
    const { color, fontWeight, fontSize, opacity } = getComputedStyle(word);
    const isJudged = word.textContent.trim().length > 1; // axe passes over words of one letter
    const look = [color, fontWeight, fontSize, opacity, ground(word), isJudged].join();
    return seen.has(look) || !seen.add(look);
  };
  const words = document.querySelectorAll('.highlight pre span:not(:empty, [id], [role], [tabindex])');
  window.takenOut = [...words].filter(tellsNothing).map(word => {
    const inside = [...word.childNodes];
    word.replaceWith(...inside);
    return [word, inside];
  });
  window.isThinned = true;
  return window.takenOut.length;
}"""
PUT_BACK = """() => {
  window.isThinned = false;
  for (const [word, inside] of window.takenOut.reverse()) {
    inside[0].before(word);
    word.append(...inside);
  }
}"""

# Whether a text stands out follows from its style and from the grounds below it, and pages share theirs.
LIST_NEW = """([judged, within]) => {
  const known = new Set(judged), found = new Map(), grounds = new Map([[null, 0]]);
  const short = parts => {
    let code = 0;
    for (const letter of parts.join(';')) code = (code * 33 + letter.codePointAt(0)) % 2 ** 47;
    return code;
  };
  const ground = element => {
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity, filter } = getComputedStyle(element);
      const below = ground(element.parentElement), own = [backgroundColor, backgroundImage, opacity, filter];
      const isClear = own.join() === 'rgba(0, 0, 0, 0),none,1,none';
      grounds.set(element, isClear ? below : short([...own, below]));
    }
    return grounds.get(element);
  };
  const names = element => [element.tagName, element.getAttribute('class')];
  for (const element of document.querySelector(within).querySelectorAll('*')) {
    const texts = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
    const length = texts.map(node => node.data).join('').trim().length;
    if (!length && !element.matches('input, select, textarea')) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontWeight, fontSize, textShadow, textDecorationLine } = getComputedStyle(element);
    const isOff = element.closest(':disabled, [aria-disabled=true]') !== null;
    const around = element.parentElement; // a link has to stand out from its text
    const look = short([
      ...names(element), ...names(around), color, fontWeight, fontSize, textShadow, textDecorationLine,
      getComputedStyle(around).color,
      length > 1, isOff, ground(element), // axe passes over single letters, and what is switched off
    ]);
    if (!known.has(look)) found.set(look, [...(found.get(look) ?? []), element]);
  }
  window.newLooks = found;
  return [...found.keys()];
}"""
# axe looks at the first, the middle and the last text of each look: one may be covered. The other parts of a
# chapter are left out as long as it does: it asks where each element of the page stands.
JUDGE_NEW = """async options => {
  const shown = [...window.newLooks.values()].map(texts => texts.filter(text => text.isConnected));
  const some = shown.flatMap(texts => [texts[0], texts[texts.length >> 1], texts.at(-1)].filter(Boolean));
  if (!some.length) return [];
  const around = new Set();
  for (let one of some) while (one && !around.has(one)) around.add(one), (one = one.parentElement);
  const left = [...document.querySelectorAll('article section > *, .slides section')].filter(part =>
    !around.has(part) && around.has(part.parentElement) && !part.querySelector('.lossviz'));
  const gaps = left.map(part => [part, document.createComment('')]);
  for (const [part, gap] of gaps) part.replaceWith(gap);
  const { violations } = await axe.run({ include: [...new Set(some)] }, options);
  for (const [part, gap] of gaps) gap.replaceWith(part);
  return violations;
}"""
judged = set()  # the looks that stand out, of all pages so far


def violations(page, rules=ALL_RULES):
    """What axe-core finds, a line each: the rule and the first element."""
    with thinned(page):
        return lines(page.evaluate("options => axe.run(options)", rules)["violations"])


def violations_of_new_looks(page, within="body"):
    """The contrasts among these, of texts that look like none before, on any page: what a theme changes."""
    if not (looks := page.evaluate(LIST_NEW, [list(judged), within])):
        return []
    with thinned(page):
        found = page.evaluate(JUDGE_NEW, CONTRAST)
    if not found:
        judged.update(looks)
    return lines(found)


@contextlib.contextmanager
def thinned(page, for_good=False):
    """A page with axe-core and without the words that look alike, as long as the page shows the same.

    Around several looks at it the words are taken out once. With `for_good` they stay out: their
    text does not, so a page keeps its size.
    """
    if not AXE.is_file():
        skip_unless_ci("there is no axe-core; with npm on the machine, tools/node.sh brings it")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    is_outer = page.evaluate("!window.isThinned")
    if is_outer:
        page.evaluate(TAKE_OUT_ALIKE)
    yield
    if is_outer and not for_good:
        # axe leaves thousands of ranges, each of which is asked whenever the page changes.
        page.request_gc()
        page.evaluate(PUT_BACK)


def lines(found):
    return [f"{v['id']}: {len(v['nodes'])}, first {v['nodes'][0]['target']}" for v in found]
