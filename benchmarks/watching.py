"""What `diagnose.watch()` adds to a training step of a small CNN on the CPU, its first looks included."""

import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from lossviz.diagnose import watch

ROUNDS, STEPS = 60, 3  # of each kind in turn, so that a busy moment meets both
BATCH = 64


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a step, and how often the rules looked in all."""

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
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    images, labels = torch.randn(BATCH, 1, 28, 28), torch.randint(10, (BATCH,))

    def steps(count):
        for _ in range(count):
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()

    steps(10 * STEPS)
    watched, plain, seen = watch(), 0.0, 0.0
    for number in range(ROUNDS):
        if number % 2:  # what comes second finds the caches as the first has left them
            plain += _seconds(steps)
        with watched:
            seen += _seconds(steps)
        if not number % 2:
            plain += _seconds(steps)
    count = ROUNDS * STEPS
    return Cost(1000 * plain / count, 1000 * seen / count, watched.looks)


def _seconds(steps) -> float:
    started = time.process_time()  # of this process alone: others do not count
    steps(STEPS)
    return time.process_time() - started
