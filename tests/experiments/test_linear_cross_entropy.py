"""LinearCrossEntropyLoss: chunks of any size train one model, and small ones print another loss in bfloat16.

2000 words by Zipf's law, batches of 256 vectors, a layer and the loss, which holds the last layer: trained
by gradient descent without chunks, with those that torch chooses, and with chunks of 16 rows and of 1. In
float32 the loss curves differ by rounding alone. In bfloat16, chunks of one row print a loss that is too
good, since their sum stops where one part is below half of its spacing. Here with 16 features and 12 steps
(in float32, 5 of them), until the loss has fallen from 7.7 to about 6; for two seeds.
"""

import functools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.nn import LinearCrossEntropyOptions

SEEDS = range(2)
WORDS, FEATURES, ROWS, STEPS, RATE = 2000, 16, 256, 12, 1.5


def batches(seed):
    rng = np.random.default_rng(seed)
    chance, vectors = 1 / np.arange(1, WORDS + 1), rng.normal(size=(WORDS, FEATURES))
    word = rng.choice(WORDS, (STEPS, ROWS), p=chance / chance.sum())
    x = vectors[word] + rng.normal(size=(STEPS, ROWS, FEATURES))
    return torch.tensor(x).float(), torch.tensor(word)


@functools.cache
def trained(seed, chunk, dtype=torch.float32, steps=STEPS):
    """The losses that are printed, and those of the same logits in float32: (steps,) each."""
    options = {None: None, "auto": LinearCrossEntropyOptions()}
    options = options[chunk] if chunk in options else LinearCrossEntropyOptions(batch_chunk_size=chunk)
    torch.manual_seed(seed)
    body = torch.nn.Sequential(torch.nn.Linear(FEATURES, FEATURES), torch.nn.ReLU()).to(dtype)
    criterion = torch.nn.LinearCrossEntropyLoss(FEATURES, WORDS, options=options).to(dtype)
    optimizer = torch.optim.SGD([*body.parameters(), *criterion.parameters()], lr=RATE)
    printed, true = [], []
    for x, word in zip(*(part[:steps] for part in batches(seed)), strict=True):
        hidden = body(x.to(dtype))
        loss = criterion(hidden, word)
        printed.append(loss.item())
        with torch.no_grad():
            logits = F.linear(hidden.float(), criterion.linear.weight.float())
            true.append(F.cross_entropy(logits, word).item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return np.array(printed), np.array(true)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_float32_the_curve_is_the_same_up_to_rounding(seed):
    plain, _ = trained(seed, None)
    assert 7.5 < plain[0] < 7.9 and 5 < plain[-5:].mean() < 6.6
    for chunk in ("auto", 16, 1):
        assert abs(trained(seed, chunk, steps=5)[0] - plain[:5]).max() < 1e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_in_bfloat16_chunks_of_one_row_print_a_loss_that_is_too_good(seed):
    curve = trained(seed, None)[0][-5:]
    for chunk, low, high in ((None, -0.06, 0.06), ("auto", -0.15, 0.15), (1, -0.7, -0.1)):
        printed, true = (losses[-5:] for losses in trained(seed, chunk, torch.bfloat16))
        assert low < (printed - true).mean() < high
        assert abs(true - curve).max() < 0.1  # the training is the same
