"""Which cells of a notebook one of them depends on: those that set what it uses, as far as the code tells.

It tells that of the handbook's own pages, where a test compares; of any code it cannot: the globals that a
function changes, one thing under two names, and the state of a library are not followed from cell to cell.
"""

import ast
import builtins
import re
import symtable

DEFINED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# Methods of tensors, arrays, dictionaries and texts that leave what they are called of as it is.
PURE = re.compile(
    "abs|all|any|argmax|argmin|astype|clamp|clone|copy|cpu|detach|exp|flatten|format|item|items|join|keys|log|"
    "log_softmax|logit|max|mean|min|movedim|norm|numel|numpy|prod|reshape|round|sigmoid|softmax|split|sqrt|"
    "square|squeeze|std|sum|tanh|tile|tolist|unsqueeze|values|view"
)


def needed(trees: list[ast.Module]) -> list[ast.Module]:
    """The last of these cells, and before it, in their order, the cells that its result depends on.

    What code uses at once comes from the cells before it, up to the one that surely sets it anew. What a
    function uses may be set anywhere before it is called: the cells are gone through until none is added.
    """
    trees = silenced(trees)
    homes = [_imported(tree) for tree in trees]
    fixed = _fixed(trees)
    acting = _acting(trees, fixed)
    cells = [_Cell(tree, fixed, acting) for tree in trees]
    seen = set()
    for cell, names in zip(cells, homes, strict=True):  # what is imported again stays as it is
        cell.changed -= {name for name, home in names.items() if (name, home) in seen and name in fixed}
        seen |= {(name, home) for name, home in names.items() if name in cell.given}
    kept, later, count = {len(cells) - 1}, set(), 0
    while len(kept) > count:
        count, now = len(kept), set()
        for place, cell in reversed([*enumerate(cells)]):
            if place in kept or cell.changed & (now | later) or cell.takes_all:
                kept.add(place)
                later |= cell.later
                now = now - cell.given | cell.now
    return [tree for place, tree in enumerate(trees) if place in kept]


def silenced(trees: list[ast.Module]) -> list[ast.Module]:
    """These cells, all but the last without what lossviz shows at their end: it would be made for nobody."""
    *before, last = trees
    homes = [item for tree in trees for item in _imported(tree).items()]
    ours = {name for name, home in homes if home.split(".")[0] == "lossviz"}
    return [*(_silenced(tree, ours) for tree in before), last]


class _Cell(ast.NodeVisitor):
    """What a cell does with names that other cells see.

    now      those that it uses before it has surely set them itself
    later    those that its functions use, whenever they are called
    given    those that it surely sets, whichever way it takes
    changed  those that it may set, or whose values it may change
    """

    def __init__(self, tree: ast.Module, fixed: set[str], acting: dict[str, set]):
        self.now, self.later, self.given = set(), set(), set()
        self.visit(tree)
        outer = _outer(tree)
        self.now, self.later, self.given = self.now & outer, self.later & outer, self.given & outer
        self.changed = _changed(tree, fixed, acting) & outer
        self.takes_all = "*" in _imported(tree)

    def visit_Name(self, node: ast.Name) -> None:
        match node.ctx:
            case ast.Store():
                self.given.add(node.id)
            case ast.Del():
                self.given.discard(node.id)
            case _ if node.id not in self.given:
                self.now.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._go(node.value, *node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self._go(node.value, node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.now |= {node.target.id} - self.given if isinstance(node.target, ast.Name) else set()
        self._go(node.value, node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._go(node.value, node.target)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.given |= {*_imported(node)}

    visit_ImportFrom = visit_Import

    def visit_For(self, node: ast.For) -> None:
        self._go(node.iter)
        self._perhaps(node.target, *node.body)
        self._perhaps(*node.orelse)

    def visit_With(self, node: ast.With) -> None:
        self._go(*node.items)
        self._perhaps(*node.body)  # a context may end at an error inside

    def visit_If(self, node: ast.If | ast.While) -> None:
        self._go(node.test)
        self._perhaps(*node.body)
        self._perhaps(*node.orelse)

    visit_While = visit_If

    def visit_Try(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self._perhaps(child)

    visit_TryStar = visit_Match = visit_IfExp = visit_BoolOp = visit_Try

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._go(*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults))
        self.later |= _loaded(node) & _outer(node)
        self.given.add(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._go(*node.args.defaults, *filter(None, node.args.kw_defaults))
        self.later |= _loaded(node) & _outer(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        used = _loaded(node) & _outer(node)
        self.later |= used
        self.now |= used - self.given
        self.given.add(node.name)

    def visit_GeneratorExp(self, node: ast.expr) -> None:
        self.later |= _loaded(node) & _outer(node)
        self.visit_ListComp(node)

    def visit_ListComp(self, node: ast.expr) -> None:
        self.now |= _loaded(node) & _outer(node) - self.given
        for function in ast.walk(node):
            if isinstance(function, ast.Lambda):
                self.visit_Lambda(function)

    visit_SetComp = visit_DictComp = visit_ListComp

    def _go(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self.visit(node)

    def _perhaps(self, *nodes: ast.AST) -> None:
        """What may be left out: nothing is surely set by it."""
        given = {*self.given}
        self._go(*nodes)
        self.given = given


def _outer(tree: ast.AST) -> set[str]:
    """The names of this code that are not those of one of its functions alone."""
    whole = symtable.symtable(ast.unparse(tree), "<cell>", "exec")
    found, tables = set(), [whole]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        found |= {name.get_name() for name in table.get_symbols() if table is whole or name.is_global()}
    return found


def _loaded(tree: ast.AST) -> set[str]:
    """The names whose values this code uses."""
    nodes = [*ast.walk(tree)]
    found = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    added_to = [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    return found | {target.id for target in added_to if isinstance(target, ast.Name)}


def _stored(*trees: ast.AST) -> set[str]:
    """The names that this code gives values by an assignment, a loop or a context, or deletes."""
    names = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return {name.id for name in names if not isinstance(name.ctx, ast.Load)}


def _imported(tree: ast.AST) -> dict[str, str]:
    """The names that this code imports, each with where it comes from."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            within = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
            found |= {(n.asname or n.name).split(".")[0]: within + n.name for n in node.names}
    return found


def _fixed(trees: list[ast.Module]) -> set[str]:
    """The names of what a call leaves as it is: Python's functions, those of these cells, and modules."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    made = {node.name for node in nodes if isinstance(node, DEFINED)}
    return {*dir(builtins)}.union(made, *map(_imported, trees)) - _stored(*trees)


def _changed(tree: ast.AST, fixed: set[str], acting: dict[str, set]) -> set[str]:
    """The names to which this code gives values, or whose values it may change, as `rng.normal()` does."""
    found = {*_imported(tree)} | _stored(tree) | _acted_on(tree, fixed, acting)
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
    return found


def _acted_on(tree: ast.AST, fixed: set[str], acting: dict[str, set]) -> set[str]:
    """The names whose values this code may change without setting them.

    What is changed may share its values with what it was made from: the step of an optimizer, with weights.
    """
    acted_on, sources, found = set(), {}, set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                acted_on |= _loaded(value)
            case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()):
                acted_on |= _loaded(value)
            case ast.AugAssign(target=ast.Name(id=name)):  # of an array, in its place
                acted_on.add(name)
            case ast.For(target=target, iter=values):
                for name in _stored(target):
                    sources.setdefault(name, set()).update(_loaded(values) - fixed)
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if not PURE.fullmatch(method):
                acted_on |= _shared(value) - fixed
            case ast.Call(func=ast.Name(id=name), args=given, keywords=named) if name in acting:
                for place, argument in [*enumerate(given), *((one.arg, one.value) for one in named)]:
                    if place in acting[name]:
                        acted_on |= _shared(argument) - fixed
            case ast.Assign(targets=targets, value=value):
                for name in _stored(*targets):
                    sources.setdefault(name, set()).update(_shared(value) - fixed)
    while acted_on - found:
        name = (acted_on - found).pop()
        found.add(name)
        acted_on |= sources.get(name, set())
    # A name that is set here alone stands for what is made here.
    return {name for name in found if name in sources.get(name, {name})}


def _shared(value: ast.expr) -> set[str]:
    """The names whose values a value may be, or be made from: none behind a copy."""
    match value:
        case ast.Call(func=ast.Attribute(attr="clone" | "copy")):
            return set()
        case ast.Call(func=ast.Attribute(value=inner), args=given, keywords=named):
            return _shared(inner).union(*map(_loaded, given), *(_loaded(one.value) for one in named))
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            return _shared(inner)
    return _loaded(value)


def _acting(trees: list[ast.Module], fixed: set[str]) -> dict[str, set]:
    """The functions of these cells that may change what they are called with: its places and names."""
    functions = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    before, found = None, {}
    while found != before:  # a function may leave that to another
        before, found = found, {}
        for function in functions:
            acted_on = _acted_on(function, fixed, before)
            names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
            places = {place for place, name in enumerate(names) if name in acted_on}
            named = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)} & acted_on
            found[function.name] = found.get(function.name, set()) | places | named
    return found


def _silenced(tree: ast.Module, ours: set[str]) -> ast.Module:
    """A cell without the explorer or the comparison that it shows last."""
    match tree.body:
        case [*before, ast.Expr(value=ast.Call(func=ast.Name(id=name)) as shown)] if name in ours:
            if not any(isinstance(node, ast.NamedExpr) for node in ast.walk(shown)):
                return ast.Module(before, [])
    return tree
