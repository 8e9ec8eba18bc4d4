"""Every loss that the installed torch has, has a chapter: one that a new release brings is named here."""

import functools
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules import loss as losses_of_torch

from lossviz.losses import CATALOG
from tests.handbook import CHAPTERS

# The class that torch keeps elsewhere, and the loss that was a function first.
CLASSES = [*losses_of_torch.__all__, "AdaptiveLogSoftmaxWithLoss"]
FUNCTIONS = ["linear_cross_entropy"]
WITH_A_CHAPTER = [loss for loss in CATALOG.values() if f"notebooks/{loss.family}/{loss.name}" in CHAPTERS]


def without_a_chapter(classes, functions, modules=nn):
    """The names that no chapter treats. A class that inherits its forward from another, as an old name does
    from a new one, goes with that."""
    known = {getattr(nn, loss.class_name).forward for loss in WITH_A_CHAPTER if loss.torch_class}
    named = {loss.name for loss in WITH_A_CHAPTER}
    return [name for name in classes if getattr(modules, name).forward not in known] + [
        name for name in functions if name not in named
    ]


def test_each_loss_of_the_installed_torch_has_a_chapter():
    missing = without_a_chapter(CLASSES, FUNCTIONS)
    assert not missing, f"torch {torch.__version__} has losses without a chapter: {', '.join(missing)}"


def test_each_function_of_a_loss_has_a_chapter():
    found = [name for name in dir(F) if name.endswith("_loss") and not name.startswith("_")]
    assert len(found) > 10 and without_a_chapter([], found) == []


def test_each_chapter_treats_a_loss_that_torch_has_or_one_that_it_lacks():
    assert {loss.class_name for loss in WITH_A_CHAPTER if loss.torch_class} <= set(CLASSES)


def test_a_loss_without_a_chapter_is_named_and_an_old_name_is_none():
    class CrossEntropyLoss2d(nn.CrossEntropyLoss):
        pass

    class NewLoss(nn.Module):
        forward = functools.partial(F.mse_loss)

    modules = SimpleNamespace(CrossEntropyLoss2d=CrossEntropyLoss2d, NewLoss=NewLoss)
    assert without_a_chapter(["CrossEntropyLoss2d", "NewLoss"], ["new_loss", "mse_loss"], modules) == [
        "NewLoss",
        "new_loss",
    ]
