"""`python -m lossviz diagnose train.py`: a script runs as by itself, and its faults are explained."""

import os
import subprocess
import sys

import pytest

from lossviz.__main__ import main
from lossviz.diagnose.watching import Watch
from tests.handbook import ROOT

# Three faults are planted: a softmax before the loss, a column against a row, and zero_grad.
TRAIN = '''"""Learns a class and a number from the same features."""
import sys

import torch
import torch.nn.functional as F
from torch import nn

STEPS = int(sys.argv[1])  # batches of 32
torch.manual_seed(0)


class Model(nn.Module):  # a body with two heads
    def __init__(self, features, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(features, 32), nn.ReLU())
        self.kind = nn.Linear(32, classes)
        self.price = nn.Linear(32, 1)

    def forward(self, x):
        hidden = self.body(x)
        return self.kind(hidden).softmax(dim=1), self.price(hidden)


def batches(count, size=32):
    """Features, a class of three, and a price."""
    for _ in range(count):
        x = torch.randn(size, 8)
        kind = x[:, :3].argmax(dim=1)
        price = 3 * x[:, 3] + 1
        yield x, kind, price


def train(model, optimizer):
    total = 0.0
    for x, kind, price in batches(STEPS):
        probabilities, predicted = model(x)
        loss_kind = F.cross_entropy(probabilities, kind)
        loss_price = F.mse_loss(predicted, price)
        loss = loss_kind + 0.1 * loss_price
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / STEPS


# Plain gradient descent
model = Model(8, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
print("arguments:", sys.argv[1:], __name__)
print("mean loss:", train(model, optimizer) < 10)
'''


def write(folder, source):
    script = folder / "train.py"
    script.write_text(source, "utf-8")
    return str(script)


@pytest.fixture
def run(tmp_path, capsys):
    """run(source, *arguments) -> exit code, standard output, standard error of the command."""

    def start(source, *arguments):
        code = main(["diagnose", write(tmp_path, source), *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return start


def line(source, piece):
    [number] = [i for i, text in enumerate(source.splitlines(), start=1) if piece in text]
    return number


def test_three_planted_faults_of_fifty_lines_are_explained_by_the_command(tmp_path):
    assert len(TRAIN.splitlines()) == 50
    script = write(tmp_path, TRAIN)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "lossviz", "diagnose", script, "20", "--fast"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0
    assert done.stdout == "arguments: ['20', '--fast'] __main__\nmean loss: True\n"
    for loss, piece, read in (
        ("  cross_entropy", "F.cross_entropy(", "Cross entropy: Softmax twice"),
        ("  mse_loss", "F.mse_loss(", "Mean squared error: A column against a row"),
        ("", "loss.backward()", "My loss misbehaves: Steps that are too large"),
    ):
        block = done.stderr.split(f"WRONG  {script}:{line(TRAIN, piece)}{loss}\n")[1].split("\n\n")[0]
        assert f"read  {read}" in block
    assert done.stderr.count("WRONG") == 3


def test_the_three_are_found_on_a_machine_that_has_no_time(run, monkeypatch):
    monkeypatch.setattr(Watch, "_has_time", lambda watch: False)
    assert run(TRAIN, "20")[2].count("WRONG") == 3


def test_a_script_that_is_right_has_nothing_wrong(run):
    right = TRAIN.replace(".softmax(dim=1), self.price(hidden)", ", self.price(hidden)[:, 0]").replace(
        "        loss.backward()\n", "        optimizer.zero_grad()\n        loss.backward()\n"
    )
    code, _, report = run(right, "20")
    assert code == 0 and "WRONG" not in report and "SUSPICIOUS" not in report
    assert "cross_entropy × 20, mse_loss × 20" in report


def test_the_report_comes_at_the_first_nan_too(run):
    source = """
import torch, torch.nn.functional as F
for step in range(4):
    F.mse_loss(torch.ones(3), torch.ones(3) * (float("nan") if step == 2 else 2))
    print("step", step)
"""
    code, printed, report = run(source)
    assert code == 0 and printed.count("step") == 4
    assert report.count("at the first number that is not finite") == 1
    assert "numbers of target are nan" in report and "The report of diagnose, at the end" in report


@pytest.mark.parametrize(
    ("source", "code", "told"),
    [
        ("raise SystemExit(7)", 7, "Nothing to tell"),
        ("raise SystemExit", 0, "Nothing to tell"),
        ("raise SystemExit('stopped')", 1, "stopped"),
        ("raise KeyError('a')", 1, "KeyError: 'a'"),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
        ("import torch\ntorch.nn.Linear(3, 1)(torch.zeros(1, 3).double())", 1, "Types that do not agree"),
    ],
)
def test_the_exit_code_is_that_of_the_script(run, source, code, told):
    found, _, report = run(source)
    assert found == code
    assert told in report and "The report of diagnose, at the end" in report
    assert "runpy" not in report


def test_the_script_finds_what_is_beside_it_and_leaves_this_process_as_it_was(run, tmp_path):
    (tmp_path / "beside.py").write_text("NAME = 'beside'", "utf-8")
    before = sys.argv[:], sys.path[:]
    assert run("import beside\nprint(beside.NAME)")[1] == "beside\n"
    assert (sys.argv, sys.path) == before


@pytest.mark.parametrize("arguments", [["diagnose", "no/such/file.py"], ["diagnose"], [], ["draw"]])
def test_a_command_that_is_not_meant_is_refused_with_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2 and "usage: python -m lossviz" in capsys.readouterr().err
