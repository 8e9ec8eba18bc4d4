"""`diagnose` and `diagnose.watch`: calls of losses pass through torch's own extension point.

Each is counted, and looked at by the rules as often as the time allows.
"""

from __future__ import annotations

import math
import sys
import time
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector
from torch.overrides import TorchFunctionMode

from lossviz.diagnose.call import Call, bound
from lossviz.diagnose.finding import Finding, Line, Report
from lossviz.diagnose.lines import caller, line_of
from lossviz.diagnose.rules import numerics, reductions, refusals, run
from lossviz.diagnose.rules.found import WRONG
from lossviz.diagnose.steps import Steps
from lossviz.losses import CATALOG
from lossviz.losses.loss import Loss
from lossviz.losses.references import adaptive_log_softmax
from lossviz.misbehaves import Row

SHARE = 0.01  # of the time since the beginning that looking may take
TOLD = (
    "told_by_lossviz"  # an attribute of an error that is in the report; keeping the error keeps its tensors
)
KEPT = 60  # values of a line that are remembered, the first besides
PRODUCTS = (torch.mul, torch.Tensor.mul, torch.Tensor.__mul__, torch.Tensor.__rmul__)
ROOTS = (torch.sqrt, torch.Tensor.sqrt)
# Those that the installed torch has: an older one lacks some.
LOSSES = {
    function: loss
    for loss in CATALOG.values()
    if (function := getattr(import_module(loss.home), loss.name, None))
}


class _Site:
    """What is known of the calls at one line."""

    def __init__(self):
        self.count, self.trail = 0, []

    def add(self, value: float) -> None:
        self.count += 1
        self.trail.append(value)
        if len(self.trail) > 2 * KEPT:
            del self.trail[1:-KEPT]  # the first is what growth is measured against


class Watch(TorchFunctionMode):
    """A context that sees each call of a loss of torch or of the handbook in it, and each `backward`.

    every   look at each call whose number at its line is a multiple of `every`, counted from 0; None: at the
            numbers 0, 1, 2, 4, 8, ..., and as often as 1 % of the time allows. A loss that is not finite is
            always looked at
    tell    is called with each finding as soon as it is made
    alone   whether the calls are no training step: rules do not judge a graph or a past that is not there
    """

    def __init__(self, every: int | None = None, *, tell: Callable | None = None, alone: bool = False):
        super().__init__()
        if every is not None and (not isinstance(every, int) or every < 1):
            raise ValueError(f"every must be None or an integer >= 1, got {every!r}")
        self._every, self._announce, self._alone = every, tell, alone
        self._findings: dict[tuple, Finding] = {}
        self._calls: Counter[str] = Counter()
        self._sites: dict[tuple, _Site] = {}
        self._losses: dict[int, tuple] = {}  # recent losses that are one number, by id
        self._spoilt: set = set()  # lines whose nan has been told
        self.looks = 0  # calls that the rules looked at
        self._entered, self._inside, self._spent = 0.0, 0.0, 0.0  # seconds
        self._backwards = 0
        self._steps = Steps(self._tell)
        self.failures: dict[str, None] = {}  # each once, in their order
        self._handlers = {function: self._loss for function in LOSSES}
        self._handlers |= dict.fromkeys(PRODUCTS, self._product) | dict.fromkeys(ROOTS, self._root)
        self._handlers[torch.Tensor.backward] = self._backward

    @property
    def report(self) -> Report:
        """What was found so far."""
        return Report(self._findings.values(), self._calls, self.failures)

    def __repr__(self) -> str:
        return repr(self.report)

    def _repr_html_(self) -> str:
        return self.report._repr_html_()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        handler = self._handlers.get(func)
        if (
            handler is None or torch.compiler.is_compiling()
        ):  # most: an optimizer alone asks for dozens a step
            return func(*args, **kwargs) if kwargs else func(*args)
        return handler(func, args, kwargs or {})

    def __enter__(self):
        self._entered = time.perf_counter()
        return super().__enter__()

    def __exit__(self, kind, error, traceback):
        super().__exit__(kind, error, traceback)
        self._inside += time.perf_counter() - self._entered
        if isinstance(error, Exception):
            self.refused(error)

    def refused(self, error: BaseException) -> None:
        """An error that came out of the context: told, if a row of symptoms knows it and no call had it."""
        if getattr(error, TOLD, False):
            return
        if where := refusals.refusal("", f"{type(error).__name__}: {error}"):
            line = line_of(error)
            self._tell(_plain("refused", refusals.message(error), where, line))

    # What is called

    def _loss(self, function, args, kwargs):
        loss, kwargs = LOSSES[function], _whole(function, args, kwargs)
        self._calls[loss.name] += 1
        try:
            value = function(*args, **kwargs)
        except Exception as error:
            setattr(error, TOLD, True)
            self._safely(self._look, loss, function, args, kwargs, error=error)
            raise
        if isinstance(value, torch.Tensor):
            started = time.perf_counter()
            self._safely(self._see, loss, function, args, kwargs, value)
            self._spent += time.perf_counter() - started
        return value

    def _safely(self, step, *args, **kwargs) -> None:
        """Does a step of the watch; where it fails, the report says so, and the training goes on."""
        try:
            with torch._C.DisableTorchFunction():  # a watch around this one does not see what this one asks
                step(*args, **kwargs)
        except Exception as error:
            self.failures[f"{step.__name__}: {type(error).__name__}: {error}"] = None

    def _see(self, loss, function, args, kwargs, value) -> None:
        """A call that gave a value: is it finite, is it to be looked at?"""
        line = caller()
        site = self._sites.setdefault((loss.name, line), _Site())
        if value.is_meta:
            return
        number = float(value.detach().sum()) if value.dtype.is_floating_point else math.nan
        spoilt = not math.isfinite(number) and line not in self._spoilt
        self._steps.loss = (loss.name, number)
        self._steps.given = _places((*args, *kwargs.values()))
        if value.ndim == 0:
            self._remember(value, loss, args)
        if spoilt or self._is_due(site):
            self._look(loss, function, args, kwargs, value=value, line=line, site=site)
            if spoilt:
                self._spoilt.add(line)
        site.add(number / value.numel() if value.numel() > 1 else number)

    def _is_due(self, site: _Site) -> bool:
        if self._every is not None:
            return site.count % self._every == 0
        return site.count & (site.count - 1) == 0 or self._has_time()  # 0, 1, 2, 4, 8, ...

    def _has_time(self) -> bool:
        return self._spent < SHARE * (self._inside + time.perf_counter() - self._entered)

    def _look(self, loss, function, args, kwargs, *, value=None, error=None, line=None, site=None) -> None:
        if (given := bound(function, args, kwargs)) is None:
            return
        self.looks += 1
        trail = None if self._alone else list(site.trail) if site else []
        graph, value = value is not None and value.requires_grad, None if value is None else value.detach()
        call = Call(loss, given, value, error, line or caller(), trail, graph)
        for finding in run(call, self.failures):
            self._tell(self._with_origin(finding))

    def _with_origin(self, finding: Finding) -> Finding:
        """Of a nan in a prediction: whether the parameters have it already."""
        if finding.rule != "nan_in_input" or (finite := self._steps.parameters_are_finite()) is None:
            return finding
        origin = (
            "the parameters are finite: it came with the data, or arose in the model's forward pass"
            if finite
            else "parameters hold nan or inf already, from a step before"
        )
        return replace(finding, seen=f"{finding.seen}; {origin}")

    # What becomes of a loss

    def _remember(self, value: torch.Tensor, loss: Loss, args) -> None:
        """Knows a loss again that is one number, as long as it lives. Of its arguments nothing is kept."""
        key = id(value)
        samples = tuple(args[0].shape[:1]) if args and isinstance(args[0], torch.Tensor) else ()
        self._losses[key] = (weakref.ref(value, lambda _: self._losses.pop(key, None)), loss, samples)

    def _known(self, value) -> tuple[Loss, tuple] | None:
        """The loss that a tensor is the value of, and how many samples it had."""
        kept = self._losses.get(id(value))
        return kept[1:] if kept and kept[0]() is value else None

    def _product(self, function, args, kwargs):
        if self._losses and len(args) == 2:
            self._safely(self._see_product, *args)
        return function(*args, **kwargs)

    def _see_product(self, *factors) -> None:
        for value, mask in (factors, factors[::-1]):
            if (known := self._known(value)) and _is_mask(mask) and len(mask) in (1, *known[1]):
                call = Call(known[0], {}, line=caller())
                self._tell(replace(reductions.mask_after_mean(call, mask), rule="mask_after_mean"))

    def _root(self, function, args, kwargs):
        if args and (known := self._known(args[0])):
            self._safely(self._see_root, args[0], known[0])
        return function(*args, **kwargs)

    def _see_root(self, value, loss) -> None:
        if finding := numerics.root_at_0(Call(loss, {}, value.detach(), line=caller())):
            self._tell(replace(finding, rule="root_at_0"))

    def _backward(self, function, args, kwargs):
        tensor, line, started = args[0], caller(), time.perf_counter()
        due = self._backwards & (self._backwards - 1) == 0  # 0, 1, 2, 4, 8, ...
        thorough = self._every is not None or due or self._has_time()
        self._backwards += 1
        self._safely(self._steps.before, tensor, line, thorough)
        self._spent += time.perf_counter() - started
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            setattr(error, TOLD, True)
            self._steps.refused(error, line)
            raise
        started = time.perf_counter()
        self._safely(self._steps.after, tensor, line)
        self._spent += time.perf_counter() - started
        return result

    # What is told

    def _tell(self, finding: Finding) -> None:
        key = (finding.rule, finding.loss, finding.line)
        if key in self._findings:
            return
        self._findings[key] = finding
        if self._announce:
            self._announce(finding)


def diagnose(loss, *args, **kwargs) -> Report:
    """What is suspicious about one call of a loss: with the number, the reason, the fix and where to read on.

    loss    a function of torch.nn.functional, a module of torch.nn, one of lossviz.losses.references, or a
            function of your own that calls some of these: each of its calls is looked at
    args    what it is called with; the loss is computed once, and again for facts such as its gradient, but
            no gradient of yours is touched

    Returns a `Report`; what torch refuses is in it, and is not raised. `diagnose.watch()` sees the calls of a
    training step. Raises ValueError if `loss` is not callable.
    """
    if not callable(loss):
        raise ValueError(f"loss must be a function or a module, got {loss!r}")
    watch = Watch(every=1, alone=True)
    try:
        with watch:
            _call(loss, args, kwargs)
    except Exception as error:
        if not getattr(error, TOLD, False):
            known = LOSSES.get(loss)
            where = refusals.of(error, known.name if known else "")
            watch._tell(_plain("refused", refusals.message(error), where, None))
    report = watch.report
    return Report([replace(finding, line=None) for finding in report], report.calls, report.failures)


def watch(every: int | None = None) -> Watch:
    """A context that sees each loss in it: `with diagnose.watch() as watched: train_one_step()`.

    The training code stays as it is. Each finding comes once, with the line of the caller; the context shows
    itself as the report, which is `watched.report`. A loss that is not finite is seen in each step; all else
    is looked at in the calls 0, 1, 2, 4, 8, ... at a line and as 1 % of the time allows, or in each call
    whose number is a multiple of `every`. Seen are the losses of torch.nn.functional and torch.nn (but for
    AdaptiveLogSoftmaxWithLoss, which calls none), those of lossviz.losses.references, and `Tensor.backward`;
    not what runs compiled or in other threads.

    Raises ValueError if `every` is neither None nor an integer from 1 on.
    """
    return Watch(every)


def _call(loss, args, kwargs):
    """The call itself; the adaptive softmax as a function of its parameters, since it calls no loss."""
    if isinstance(loss, nn.AdaptiveLogSoftmaxWithLoss) and len(args) == 2:
        input, target = args
        tails = parameters_to_vector(loss.tail.parameters())
        bias = loss.head.bias
        cutoffs = loss.cutoffs[:-1]
        return adaptive_log_softmax(
            input, target, loss.head.weight, tails, loss.n_classes, cutoffs, loss.div_value, bias
        )
    return loss(*args, **kwargs)


def _whole(function, args, kwargs) -> dict:
    """The arguments by name with those that torch has lost on the way to a mode, as 2.13 does with the weight
    of l1_loss: without them the watch would change what is computed."""
    code = function.__code__
    names = code.co_varnames[len(args) : code.co_argcount + code.co_kwonlyargcount]
    if all(name in kwargs for name in names):
        return kwargs
    frame = sys._getframe(2)
    for _ in range(8):
        if frame is None:
            break
        if frame.f_code is code:
            return kwargs | {name: frame.f_locals[name] for name in names}
        frame = frame.f_back
    return kwargs


def _places(arguments) -> frozenset[int]:
    return frozenset(one.data_ptr() for one in arguments if isinstance(one, torch.Tensor))


def _is_mask(mask) -> bool:
    """Whether a factor is a tensor of zeros and ones, both of them."""
    if not isinstance(mask, torch.Tensor) or mask.numel() < 2:
        return False
    return bool(((mask == 0) | (mask == 1)).all()) and bool((mask == 0).any())


def _plain(rule: str, seen: str, where: Row, line: Line | None) -> Finding:
    symptom = where.symptom
    place = {"page": where.page, "section": symptom.section, "sign": symptom.sign, "line": line}
    return Finding(rule, where.name, WRONG, seen, symptom.why, symptom.fix, **place)
