"""The page on compiled losses holds for the default backend too, which needs a C++ compiler."""

import shutil

import pytest
import torch
import torch.nn.functional as F

from tests.handbook import BOOK, read, sources

PAGE = read(BOOK / "compiled.ipynb")
STAND_IN = "aot_eager_decomp_partition"
COMPILERS = "g++", "clang++", "c++"
# Of the refused types one of a kind: inductor takes seconds for each.
KINDS = "BCE, target int64", "cross entropy, labels int32", "multi-class margin, labels int32"

needs_a_compiler = pytest.mark.skipif(
    not any(map(shutil.which, COMPILERS)), reason="inductor needs a C++ compiler"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """For what inductor writes; headers that it compiles first serve all tests."""
    return tmp_path_factory.mktemp("inductor")


@pytest.fixture(autouse=True)
def fresh(folder, monkeypatch):
    """What inductor writes goes to a folder of the tests, and what it was told before is forgotten."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(folder))
    torch.compiler.reset()
    yield
    torch.compiler.reset()
    torch._logging.set_logs()


@needs_a_compiler
@pytest.mark.filterwarnings("ignore")
def test_the_page_holds_for_inductor():
    cells = sources(PAGE, "code")
    assert sum(cell.count(f'BACKEND = "{STAND_IN}"') for cell in cells) == 1
    names = {}
    for number, cell in enumerate(cells, start=1):
        exec(compile(cell.replace(STAND_IN, "inductor"), f"code cell {number}", "exec"), names)
        if "TYPES" in names:
            names["TYPES"] = {kind: names["TYPES"][kind] for kind in KINDS}
    assert names["BACKEND"] == "inductor"


@needs_a_compiler
@pytest.mark.parametrize(
    ("loss", "options"),
    [
        (F.l1_loss, {}),
        (F.multilabel_soft_margin_loss, {}),
        (F.poisson_nll_loss, {"full": True}),
        (F.gaussian_nll_loss, {"var": 1.0}),
    ],
    ids=["l1", "multilabel soft margin", "poisson", "gaussian"],
)
def test_inductor_takes_a_boolean_target_that_eager_and_the_stand_in_refuse(loss, options):
    input, target = torch.tensor([0.5]), torch.tensor([True])
    for function in (loss, torch.compile(loss, backend=STAND_IN)):
        with pytest.raises(RuntimeError, match="with a bool tensor is not supported"):
            function(input, target, **options)
    value = torch.compile(loss)(input, target, **options)
    torch.testing.assert_close(value, loss(input, target.float(), **options))


def test_a_disabled_loss_is_eager_and_splits_the_compiled_code():
    logits, padded = torch.tensor([[2.0, 0.5, -1.0, 1.2]]), torch.tensor([[3, -1, -1, -1]])
    disabled = torch.compiler.disable(F.multilabel_margin_loss)

    def step(input, target):
        return 2 * disabled(input + 0, target)

    torch.testing.assert_close(torch.compile(step, backend=STAND_IN)(logits, padded), step(logits, padded))
    torch.compiler.reset()
    with pytest.raises(torch._dynamo.exc.Unsupported):
        torch.compile(step, backend=STAND_IN, fullgraph=True)(logits, padded)
