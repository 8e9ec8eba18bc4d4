"""What torch says of a loss: its gradient somewhere, compiled too, and the best constant prediction."""

import torch
import torch.nn.functional as F

POINTS = [-1.0, 0.0, 0.5, 2.0, 40.0]  # mean 8.3, median 0.5
NEARER = [*POINTS[:-1], 4.0]  # without the outlier
RELEASE = tuple(map(int, torch.__version__.split(".")[:2]))


def normal(*shape):
    """Random numbers, the same each time."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def labels(classes, count):
    """Random class labels, the same each time."""
    return torch.randint(classes, (count,), generator=torch.Generator().manual_seed(0))


def gradient(loss, input, target):
    """The gradient of the summed loss."""
    input = input.clone().requires_grad_()
    loss(input, target, reduction="sum").backward()
    return input.grad


def compiled(function):
    """The function with the decompositions of torch.compile, for which no C++ compiler is needed."""
    torch.compiler.reset()
    return torch.compile(function, backend="aot_eager_decomp_partition")


def best_constant(loss, points, **options):
    """The value on a fine grid with the smallest total loss on `points`."""
    grid = torch.linspace(-2, 41, 43001, dtype=torch.float64)
    shape = (len(grid), len(points))
    target = torch.tensor(points, dtype=torch.float64).expand(shape)
    losses = loss(grid[:, None].expand(shape), target, reduction="none", **options)
    return grid[losses.sum(dim=1).argmin()].item()


def best_scores(loss, targets, counts):
    """Of scores in halves, the first one 0, the three with the smallest total loss."""
    others = torch.arange(-3, 3.5, 0.5)
    scores = F.pad(torch.cartesian_prod(others, others), (1, 0))
    total = sum(
        count * loss(scores, target.expand(len(scores), *target.shape), reduction="none")
        for target, count in zip(targets, counts, strict=True)
    )
    return scores[total.argmin()].tolist()
