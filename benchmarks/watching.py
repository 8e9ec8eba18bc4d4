"""What `diagnose.watch()` adds to a training step of a small CNN on the CPU, its first looks included."""

import statistics
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from lossviz.diagnose import watch

ROUNDS, STEPS = 7, 60  # of each kind in turn, so that a busy moment meets both
BATCH = 64


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a step, and how often the rules looked, in the round in the middle."""

    plain: float
    watched: float
    looks: int

    @property
    def share(self) -> float:
        """What the watch adds, of a plain step."""
        return self.watched / self.plain - 1


def measure() -> Cost:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 10),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    images, labels = torch.randn(BATCH, 1, 28, 28), torch.randint(10, (BATCH,))

    def steps(count):
        for _ in range(count):
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()

    steps(STEPS)
    rounds, looks = [], []
    for _ in range(ROUNDS):
        plain = _seconds(steps)
        with watch() as watched:
            rounds.append((plain, _seconds(steps)))
        looks.append(watched.looks)
    # Both of a round met the same machine: their ratio says more than two medians.
    plain, seen = sorted(rounds, key=lambda pair: pair[1] / pair[0])[ROUNDS // 2]
    return Cost(1000 * plain / STEPS, 1000 * seen / STEPS, statistics.median_low(looks))


def _seconds(steps) -> float:
    started = time.process_time()  # of this process alone: others do not count
    steps(STEPS)
    return time.process_time() - started
