"""What axe-core finds on a page as it stands, looking once at what is alike."""

from tests.conftest import skip_unless_ci
from tests.handbook import ROOT

AXE = ROOT / ".venv" / "node" / "node_modules" / "axe-core" / "axe.min.js"  # tools/node.sh

# preload: axe would fetch style sheets again, from addresses that it resolves wrongly.
ALL_RULES = {"resultTypes": ["violations"], "preload": False}
# All that depends on the theme.
THEME_RULES = ALL_RULES | {"runOnly": ["color-contrast"]}

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
  return window.takenOut.length;
}"""
PUT_BACK = """() => {
  for (const [word, inside] of window.takenOut.reverse()) {
    inside[0].before(word);
    word.append(...inside);
  }
}"""


def violations(page, options=ALL_RULES):
    """What axe-core finds, a line each: the rule and the first element."""
    if not AXE.is_file():
        skip_unless_ci("there is no axe-core; with npm on the machine, tools/node.sh brings it")
    page.evaluate(AXE.read_text("utf-8"))
    page.evaluate(TAKE_OUT_ALIKE)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    # axe leaves thousands of ranges, each of which is asked whenever the page changes.
    page.request_gc()
    page.evaluate(PUT_BACK)
    return [f"{v['id']}: {len(v['nodes'])}, first {v['nodes'][0]['target']}" for v in found]
