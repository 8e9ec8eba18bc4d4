"""The explorers of the handbook, live in any notebook: `demo` by a link of the site, `demos` by buttons.

A link names a page, an explorer and its setting, as the button *link* of an explorer copies it. `demo` reads
the page's notebook, runs the cells above the explorer, and returns it in that setting. Of a notebook of the
handbook it runs those alone that the explorer depends on: some have trainings that take a while, and a test
compares each explorer with that of the whole notebook. What another notebook does is not foreseen.
"""

import ast
import contextlib
import html
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import ipywidgets
import matplotlib.pyplot as plt
import torch
from IPython.utils.capture import capture_output

from lossviz.explorer.make import link_name
from lossviz.explorer.row import SideBySide
from lossviz.explorer.widget import Explorer
from lossviz.needed import needed, silenced
from lossviz.place import handbook
from lossviz.quiet import hushed

PAGE = re.compile(r"(?:^|/)((?:notebooks/\w+|book)/\w+|\w+)\.(?:ipynb|html)$")
LINK = re.compile(
    r'<a\b[^>]*\bhref="(?P<href>[^"#]+#explorer=[^"]+)"[^>]*>(?P<text>[^<]+)</a>'
    r"|\[(?P<name>[^\]]+)\]\((?P<address>[^)#\s]+#explorer=[^)\s]+)\)"
)
ASK = re.compile(r"<span data-ask>(.*?)</span>")

_DRAWING = threading.RLock()  # what draws belongs to the whole process: one page at a time is kept from it


def demo(link: str) -> Explorer:
    """The explorer that a link leads to, in the setting that it names.

    link  the address of a page or of its notebook with the setting behind "#", such as
          "../notebooks/regression/l1_loss.ipynb#explorer=l1-loss&target=0.5". Where the page lies is found
          from the present folder.

    A question behind `ask` is shown while the explorer is presented. The last slider that the link names is
    the one that the arrow keys move, and "reset" leads back to the setting of the link. Raises ValueError for
    a link that names no explorer, no page of this handbook, or no control of it, and where the handbook's
    notebooks are not around the present folder.
    """
    address = urlsplit(link) if isinstance(link, str) else None
    fields = parse_qs(address.fragment) if address else {}
    if len(fields.get("explorer", [])) != 1:
        raise ValueError(f"a link must end in #explorer=<name>&<control>=<value>, got {link!r}")
    [name], _, asked = fields.pop("explorer"), fields.pop("present", None), fields.pop("ask", [""])
    explorer = _build(_notebook(address.path), name)
    _set(explorer, fields)
    # Where it comes from, for the button that copies this call: the notebook that shows it does not make it.
    explorer.spec = explorer.spec | {"from": {"page": address.path, "name": name}, "ask": asked[0]}
    return explorer


class Demos(ipywidgets.VBox):
    """The buttons that `demos` returns, and below them the explorer of the one that was pressed last."""

    def __init__(self, links: dict[str, str]):
        self.links = links
        self._made: dict[str, Explorer] = {}  # what was shown before is there at once
        self._said = ipywidgets.Label(f"{len(links)} demos: each opens over the whole window, Esc closes it.")
        buttons = [ipywidgets.Button(description=name) for name in links]
        for button in buttons:
            button.on_click(lambda button: self.show(button.description))
        row = ipywidgets.Box(buttons, layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([row, self._said])

    def show(self, name: str) -> None:
        """Show the demo of this name, over the whole window."""
        self._said.value = f"Computing {name} …"
        try:
            explorer = self._made.get(name) or demo(self.links[name])
        except Exception as error:  # in a button's callback nobody would see it
            self._said.value = f"{name}: {error}"
            return
        explorer.reset()
        explorer.spec = explorer.spec | {"present": True}
        self._made[name] = explorer
        self.children = self.children[:2]  # so that the same demo opens anew
        self.children = (*self.children, explorer)
        self._said.value = name

    def __repr__(self) -> str:
        return f"Demos({', '.join(self.links)})"

    def _repr_mimebundle_(self, **kwargs):
        # The buttons have nothing to do where no kernel runs: the page holds the links themselves.
        words = f"{len(self.links)} demos, by buttons that need Python: run this cell."
        page = {"text/html": f'<div class="lossviz-demos">{words}</div>', "text/plain": repr(self)}
        return super()._repr_mimebundle_(**kwargs) | page


def demos(page: str = "teach.ipynb") -> Demos:
    """A button for each link to an explorer that stands in the Markdown cells of the notebook `page`. What is
    marked by <span data-ask> in the same line is the question that the explorer shows.

    Raises ValueError for a page that cannot be found or read, has no such link, or two of one name.
    """
    text = "".join(cell for kind, cell in _cells(_notebook(str(page))) if kind == "markdown")
    links = {}
    for line in text.splitlines():
        asked = ASK.search(line)
        for match in LINK.finditer(line):
            name = html.unescape(match["text"] or match["name"])
            if name in links:
                raise ValueError(f"each link of a page of demos needs a name of its own, got {name!r} twice")
            links[name] = html.unescape(match["href"] or match["address"])
            if asked:
                links[name] += f"&ask={quote(html.unescape(asked[1]))}"
    if not links:
        raise ValueError(f"a page of demos must hold links to explorers, {page} has none")
    return Demos(links)


def _cells(path: Path) -> list[tuple[str, str]]:
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is no notebook") from None
    return [(cell["cell_type"], "".join(cell["source"]) + "\n") for cell in cells]


def _notebook(address: str) -> Path:
    """The notebook of a page: relative to the present folder, or to one above it, or beside the reader's."""
    near = Path(address).with_suffix(".ipynb") if Path(address).name else None
    if near and near.is_file():
        return near
    if match := PAGE.search(address):
        for folder in (Path.cwd(), *Path.cwd().parents):
            for path in (folder / f"{match[1]}.ipynb", folder / "book" / f"{match[1]}.ipynb"):
                if path.is_file():
                    return path
    # The address of a notebook of the reader's begins where the server does, not here.
    if near and (beside := Path(near.name)).is_file():
        return beside
    if match and handbook() is None:
        raise ValueError(
            "demo reads the handbook's own notebooks: the present folder must be the handbook's or one in "
            f"it, got {str(Path.cwd())!r}, for {address!r}"
        )
    raise ValueError(f"a link must lead to a page of the handbook, got {address!r}")


def _link_name(call: ast.expr) -> str | None:
    """The name in a link of the explorer that this call makes, as far as the code tells without being run."""
    texts = {}
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.startswith("explore"):
        texts = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
    text = texts.get("name") or texts.get("title", "")
    return link_name(text if "name" in texts else text.lower()) if text else None


def _parsed(source: str) -> ast.Module | None:
    """The code of a cell without the lines that are IPython's; None if no Python is left."""
    plain = re.sub(r"^[ \t]*(%(?!%)|%%(time|capture)\b|!).*$", "", source, flags=re.M)
    for text in (source, plain):
        try:
            return ast.parse(text)
        except SyntaxError:  # a cell of %%bash, or one that is still being written
            continue
    return None


def _is_ours(path: Path) -> bool:
    """Whether a notebook is a page of the handbook, and no other beside them."""
    root, path = handbook(), path.resolve()
    if root is None or not path.is_relative_to(root):
        return False
    page = re.escape(path.relative_to(root).with_suffix("").as_posix())
    return re.search(rf"^\W*(file|root): {page}$", (root / "_toc.yml").read_text("utf-8"), re.M) is not None


def explorers(path: Path, only: str = "") -> Iterator[tuple[str, Explorer | None]]:
    """The explorers of a notebook with their names in links, each made when it is asked for.

    With `only`, those that are seen to have another name are not made: None stands for them.
    """
    trees, seen, is_ours = [], {}, _is_ours(path)

    def numbered(name: str) -> str:
        # As on the page: explorers of one name are told apart by their order.
        seen[name] = seen.get(name, 0) + 1
        return name if seen[name] == 1 else f"{name}-{seen[name]}"

    for kind, source in _cells(path):
        if kind != "code":
            continue
        if (tree := _parsed(source)) is None:
            continue
        trees.append(tree)
        last = trees[-1].body[-1] if trees[-1].body else None
        if not (isinstance(last, ast.Expr) and re.search(r"\b(explore\w*|side_by_side)\(", source)):
            continue
        told = _link_name(last.value)
        if only and told and only != told and not only.startswith(f"{told}-"):
            yield numbered(told), None
            continue
        value = _value(needed(trees)) if is_ours else _value(silenced(trees), past_errors=True)
        for explorer in _shown(value):
            yield numbered(explorer.spec["id"]), explorer


def _build(path: Path, name: str) -> Explorer:
    known = []
    for other, explorer in explorers(path, only=name):
        if other == name:
            return explorer
        known.append(other)
        if explorer:
            explorer.close()
    raise ValueError(f"{path.name} has the explorers {', '.join(known) or '(none)'}, got {name!r}")


@contextlib.contextmanager
def _settings_kept():
    """What the cells set for the whole process is set back: it belongs to the reader's own session."""
    dtype, figures = torch.get_default_dtype(), set(plt.get_fignums())
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_default_dtype(dtype)
        for number in set(plt.get_fignums()) - figures:
            plt.close(number)


def _value(trees: list[ast.Module], past_errors: bool = False):
    """Runs cells and returns the value of the last line; what they print and draw is not shown.

    past_errors  whether a cell before the last may fail, as one that a reader is still writing may
    """
    namespace: dict = {"__name__": "__main__"}
    *before, last = trees
    quiet = capture_output(stdout=False, stderr=False)
    with hushed("stdout", "stderr"), _DRAWING, quiet, _settings_kept():
        for tree in before:
            with contextlib.suppress(Exception) if past_errors else contextlib.nullcontext():
                exec(compile(tree, "<demo>", "exec"), namespace)
        exec(compile(ast.Module(last.body[:-1], []), "<demo>", "exec"), namespace)
        return eval(compile(ast.Expression(last.body[-1].value), "<demo>", "eval"), namespace)


def _shown(value) -> list[Explorer]:
    if isinstance(value, SideBySide):
        return list(value.children)
    return [value] if isinstance(value, Explorer) else []


def _set(explorer: Explorer, fields: dict[str, list[str]]) -> None:
    controls = {control["name"]: control for control in explorer.spec["controls"]}
    explorer.hidden = fields.pop("hidden", [])
    if "revealed" in fields:
        explorer.revealed = fields.pop("revealed") == ["true"]
    for name, [text, *_] in fields.items():
        if name not in controls:
            raise ValueError(f"{explorer.spec['title']} has the controls {', '.join(controls)}, got {name!r}")
        if controls[name]["type"] == "slider":
            setattr(explorer, name, _float(text))
            explorer.spec = explorer.spec | {"active": name}
            continue
        if controls[name]["type"] == "mask":
            setattr(explorer, name, text)
            continue
        # Choices and toggles stand in a link as JavaScript writes them.
        written = {json.dumps(v, ensure_ascii=False).strip('"'): v for v in controls[name]["values"]}
        if text not in written:
            raise ValueError(f"{name} must be one of {', '.join(written)}, got {text!r}")
        setattr(explorer, name, written[text])
    starts = [control | {"start": explorer.index[name]} for name, control in controls.items()]
    explorer.spec = explorer.spec | {
        "controls": starts,
        "revealed": explorer.revealed,
        "hidden": explorer.hidden,
    }


def _float(text: str):
    """A number, or the text itself, which a slider refuses with its rule."""
    try:
        return float(text)
    except ValueError:
        return text
