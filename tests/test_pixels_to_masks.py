"""What a reader copies from the page on masks holds beyond its examples: the loss, and the threshold."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import references
from tests.handbook import BOOK, read, sources

PAGE = read(BOOK / "pixels_to_masks.ipynb")
NAMES = {"torch": torch, "F": F}


def defined(name):
    """The function as the page defines it, from its cell alone."""
    [cell] = [text for text in sources(PAGE, "code") if f"def {name}(" in text]
    names = dict(NAMES)
    exec(cell[cell.index(f"def {name}(") :].split("\n\n\n")[0], names)
    return names[name]


@pytest.fixture
def draw():
    return torch.Generator().manual_seed(0)


# The loss


@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (3, 1, 5, 7), (2, 4, 6, 6), (2, 1, 300, 300)])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_loss_to_paste_is_the_sum_of_the_references(draw, shape, dtype):
    z = (3 * torch.randn(shape, generator=draw)).to(dtype)
    t = torch.rand(shape, generator=draw) > 0.8
    for masks in (t, t.long(), t.to(dtype)):
        found = defined("dice_plus_entropy")(z, masks)
        z32, t32 = z.float(), t.float()
        expected = references.dice_loss(z32.sigmoid(), t32) + F.binary_cross_entropy_with_logits(z32, t32)
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_its_gradient_is_the_one_that_the_page_derives(draw):
    z = torch.randn(1, 1, 8, 8, generator=draw)
    t = (torch.rand(1, 1, 8, 8, generator=draw) > 0.8).float()
    p, n, s = z.sigmoid(), t.numel(), z.sigmoid().sum() + t.sum()
    d = 2 * (p * t).sum() / s
    by_hand = (p - t) / n + (d - 2 * t) / s * p * (1 - p)
    z.requires_grad_()
    (found,) = torch.autograd.grad(defined("dice_plus_entropy")(z, t), z)
    torch.testing.assert_close(found, by_hand, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("mask", [torch.full((2, 1, 4, 4), 255), torch.full((2, 1, 4, 4), 0.5)])
def test_a_mask_of_other_numbers_is_refused(mask):
    with pytest.raises(ValueError, match="of tensor"):
        defined("dice_plus_entropy")(torch.zeros(2, 1, 4, 4), mask)


def test_a_mask_that_would_broadcast_is_refused():
    with pytest.raises(ValueError, match=r"z \(2, 1, 4, 4\), t \(2, 4, 4\)"):
        defined("dice_plus_entropy")(torch.zeros(2, 1, 4, 4), torch.zeros(2, 4, 4))


# The threshold


@pytest.mark.parametrize("power", [0.3, 1, 3])
def test_no_mask_at_all_has_a_higher_expected_score_than_the_rule_says(draw, power):
    p = torch.rand(4, 9, generator=draw).double() ** power
    threshold, score = defined("own_threshold")(p)
    masks = torch.tensor([*itertools.product((0.0, 1.0), repeat=9)]).double()
    for k in range(4):
        expected = 2 * masks @ p[k] / (masks.sum(1) + p[k].sum())
        best = expected.argmax()
        assert torch.isclose(expected[best], score[k])
        assert torch.equal(masks[best] > 0, p[k] >= threshold[k])
        # Half of the score lies between what is painted and what is not.
        assert threshold[k] > score[k] / 2 and (p[k][p[k] < threshold[k]] <= score[k] / 2).all()


def test_the_rule_finds_the_best_threshold_of_labels_that_fit_the_probabilities(draw):
    p = torch.rand(5, 100_000, generator=draw).double() ** 4
    t = (torch.rand(5, 100_000, generator=draw) < p).double()

    def score(threshold):
        mask = (p >= threshold).double()
        return 2 * (mask * t).sum(1) / (mask + t).sum(1)

    threshold, expected = defined("own_threshold")(p)
    found = score(threshold[:, None])
    others = torch.stack([score(cut) for cut in torch.arange(1, 20) / 20])
    assert (found > others.amax(0) - 0.002).all()
    assert (found - expected).abs().max() < 0.01 and (threshold < 0.5).all()
