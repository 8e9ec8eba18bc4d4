"""Losses on masks, which torch lacks: plain and short. Autograd gives their gradients.

N images, C classes, any number of further axes: the pixels. For one image and class, I = Σpt is what the
prediction p and the target t have in common, A = Σp and T = Σt are their sizes, FP = Σp(1 - t) and
FN = Σ(1 - p)t the errors.

What all of them have in common: sums are made in float32 at least, and the result has the dtype of `input`.
Masks may be bool, integers or floating point, fractions too. `reduction` is "mean" (of an empty batch: nan),
"sum" or "none". ValueError for a shape, label, option or reduction that is not meant.
"""

import torch
import torch.nn.functional as F

# Overlap: probabilities (N, C, *) and masks of the same shape; "none" gives (N, C), summed over a batch (C,)


def dice_loss(input, target, smooth=1e-5, squared_pred=False, batch=False, reduction="mean"):
    """1 - (2I + smooth) / (A + T + smooth), where A = Σp² and T = Σt² with `squared_pred`.

    smooth >= 0. Milletari, Navab and Ahmadi 2016, https://arxiv.org/abs/1606.04797 (squared); Drozdzal et al.
    2016, https://arxiv.org/abs/1608.04117.
    """
    p, t = _masks(input, target, reduction, smooth=smooth)
    power = 2 if squared_pred else 1
    overlap, predicted, wanted = (_sum(x, batch) for x in (p * t, p**power, t**power))
    return _reduced(1 - (2 * overlap + smooth) / (predicted + wanted + smooth), reduction, input.dtype)


def jaccard_loss(input, target, smooth=1e-5, batch=False, reduction="mean"):
    """1 - (I + smooth) / (A + T - I + smooth), smooth >= 0.

    Rahman and Wang 2016, https://doi.org/10.1007/978-3-319-50835-1_22.
    """
    p, t = _masks(input, target, reduction, smooth=smooth)
    overlap, sizes = _sum(p * t, batch), _sum(p + t, batch)
    return _reduced(1 - (overlap + smooth) / (sizes - overlap + smooth), reduction, input.dtype)


def tversky_loss(input, target, alpha=0.5, beta=0.5, smooth=1e-5, batch=False, reduction="mean"):
    """1 - (I + smooth) / (I + alpha FP + beta FN + smooth); alpha, beta, smooth >= 0.

    Salehi, Erdogmus and Gholipour 2017, https://arxiv.org/abs/1706.05721.
    """
    p, t = _masks(input, target, reduction, alpha=alpha, beta=beta, smooth=smooth)
    overlap, errors = _tversky_sums(p, t, alpha, beta, batch)
    return _reduced(1 - (overlap + smooth) / (overlap + errors + smooth), reduction, input.dtype)


def focal_tversky_loss(input, target, alpha=0.3, beta=0.7, gamma=0.75, smooth=1e-5, reduction="mean"):
    """The Tversky loss of each image and class to the power of gamma > 0, then the reduction.

    With gamma < 1 the gradient is not finite where the loss is 0. Abraham and Khan 2018,
    https://arxiv.org/abs/1810.07842, whose equation 4 has the exponent 1 / gamma.
    """
    p, t = _masks(input, target, reduction, alpha=alpha, beta=beta, smooth=smooth)
    if not gamma > 0:
        raise ValueError(f"gamma must be > 0, got {gamma}")
    overlap, errors = _tversky_sums(p, t, alpha, beta, batch=False)
    # The errors' share is 1 - the index, and never below 0.
    return _reduced((errors / (overlap + errors + smooth)) ** gamma, reduction, input.dtype)


def generalized_dice_loss(input, target, w_type="square", smooth=1e-5, reduction="mean"):
    """1 - (2 Σ wI + smooth) / (Σ w(A + T) + smooth) over the classes of an image; "none" gives (N,).

    w_type  "square": w = 1/T², "simple": 1/T, "uniform": 1. A class that an image lacks gets the largest
            finite weight of that image, and 0 where none is finite.
    smooth >= 0. Sudre et al. 2017, https://arxiv.org/abs/1707.03237.
    """
    p, t = _masks(input, target, reduction, smooth=smooth)
    if w_type not in ("square", "simple", "uniform"):
        raise ValueError(f"w_type must be 'square', 'simple' or 'uniform', got {w_type!r}")
    overlap, sizes, wanted = (_sum(x, batch=False) for x in (p * t, p + t, t))
    weight = wanted ** -{"square": 2.0, "simple": 1.0, "uniform": 0.0}[w_type]
    finite = weight.masked_fill(weight.isinf(), 0)
    if weight.shape[1]:
        weight = torch.where(weight.isinf(), finite.amax(1, keepdim=True), weight)
    values = 1 - (2 * (weight * overlap).sum(1) + smooth) / ((weight * sizes).sum(1) + smooth)
    return _reduced(values, reduction, input.dtype)


# Focal: pixels by themselves


def focal_loss(input, target, alpha=0.25, gamma=2.0, reduction="mean"):
    """-a (1 - q)^gamma ln q, where q = σ(z), a = alpha of an object, σ(-z) and 1 - alpha of the background.

    input   logits z, any shape; target: the same shape, 1 for an object; a fraction mixes the two losses.
    alpha   0 to 1, or None: a = 1; gamma >= 0. "none" gives the shape of input.
    Lin et al. 2017, https://arxiv.org/abs/1708.02002.
    """
    z, t = _pair(input, target, "target", reduction)
    _at_least_0(gamma=gamma)
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be None or from 0 to 1, got {alpha}")
    yes, no = F.logsigmoid(z), F.logsigmoid(-z)  # the logarithms of σ(z) and σ(-z)
    of_object, of_background = -(gamma * no).exp() * yes, -(gamma * yes).exp() * no
    a, b = (1, 1) if alpha is None else (alpha, 1 - alpha)
    return _reduced(a * t * of_object + b * (1 - t) * of_background, reduction, input.dtype)


def softmax_focal_loss(input, target, gamma=2.0, weight=None, ignore_index=-100, reduction="mean"):
    """-w_y (1 - p_y)^gamma ln p_y of each pixel, where p is the softmax over the classes.

    input   logits (N, C, *); target: labels (N, *); weight: None or (C,); gamma >= 0.
    The mean divides by the weights of the labels that are not `ignore_index`, which have the loss 0. "none"
    gives (N, *).
    """
    z, y = _labelled(input, target, reduction, ignore_index)
    _at_least_0(gamma=gamma)
    log_p = z.log_softmax(1)
    losses = F.nll_loss(log_p, y, _factor(weight, z), ignore_index=ignore_index, reduction="none")
    own = log_p.gather(1, y.where(y != ignore_index, 0)[:, None])[:, 0]
    losses = (-own.expm1()) ** gamma * losses
    if reduction != "mean":
        return _reduced(losses, reduction, input.dtype)
    ones = _factor(weight, z) if weight is not None else z.new_ones(z.shape[1])
    return (losses.sum() / ones[y[y != ignore_index]].sum()).to(input.dtype)


# Lovász: convex extensions of 1 - IoU


def lovasz_hinge(input, target, per_image=True, reduction="mean"):
    """The Lovász extension of 1 - IoU at the hinge errors 1 - (2t - 1)z, of each image or of all pixels.

    input   logits (N, *); target: 0 or 1, the same shape. "none" gives (N,), without `per_image` ().
    Equal errors are taken in the order in memory, so that their gradients depend on it. Yu and Blaschko 2015,
    http://proceedings.mlr.press/v37/yub15.pdf; Berman et al. 2018, https://arxiv.org/abs/1705.08790.
    """
    z, t = _pair(input, target, "target", reduction)
    if z.ndim < 1:
        raise ValueError("input must have shape (N, *), got ()")
    if (wrong := t[(t != 0) & (t != 1)]).numel():
        raise ValueError(f"target must be 0 or 1, got {wrong[0].item():g}")
    errors = (1 - (2 * t - 1) * z).clamp(min=0)
    if not per_image:
        return _reduced(_lovasz(errors.flatten(), t.flatten()), reduction, input.dtype)
    values = [_lovasz(e.flatten(), m.flatten()) for e, m in zip(errors, t, strict=True)]
    return _reduced(torch.stack(values) if values else errors.flatten(), reduction, input.dtype)


def lovasz_softmax(input, target, classes="present", per_image=False, reduction="mean"):
    """The mean over classes of the Lovász extension of 1 - IoU at |t - p|, of all pixels or of each image.

    input    probabilities (N, C, *); target: labels (N, *). "none" gives (), with `per_image` (N,).
    classes  "present": those that the labels have, "all": every class. Without a pixel the loss is 0.
    Berman, Rannen Triki and Blaschko 2018, https://arxiv.org/abs/1705.08790.
    """
    p, y = _labelled(input, target, reduction)
    if classes not in ("present", "all"):
        raise ValueError(f"classes must be 'present' or 'all', got {classes!r}")

    def of_pixels(p, y):  # (P, C) and (P,)
        masks = [(y == c).to(p.dtype) for c in range(p.shape[1])]
        kept = [c for c, mask in enumerate(masks) if classes == "all" or mask.any()]
        values = [_lovasz((masks[c] - p[:, c]).abs(), masks[c]) for c in kept]
        return torch.stack(values).mean() if values else p.sum() * 0

    p = p.movedim(1, -1)
    if not per_image:
        return _reduced(of_pixels(p.reshape(y.numel(), p.shape[-1]), y.flatten()), reduction, input.dtype)
    values = [of_pixels(a.reshape(b.numel(), p.shape[-1]), b.flatten()) for a, b in zip(p, y, strict=True)]
    return _reduced(torch.stack(values) if values else p.flatten(), reduction, input.dtype)


def _lovasz(errors, truth):
    """The sum of the sorted errors (P,), each times what its pixel adds to 1 - IoU."""
    errors, order = errors.sort(descending=True, stable=True)
    truth = truth[order]
    jaccard = 1 - (truth.sum() - truth.cumsum(0)) / (truth.sum() + (1 - truth).cumsum(0))
    return errors @ jaccard.diff(prepend=jaccard.new_zeros(1))


# Boundary: where the errors are


def boundary_loss(input, distance, reduction="mean"):
    """The mean of probability × signed distance over the pixels of an image and class: "none" gives (N, C).

    input  probabilities (N, C, *); distance: `signed_distance` of the target, the same shape.
    Kervadec et al. 2019, https://arxiv.org/abs/1812.07032.
    """
    p, phi = _masks(input, distance, reduction, name="distance")
    return _reduced(_per_image(p * phi).mean(2), reduction, input.dtype)


def signed_distance(mask):
    """The distance of each pixel of a mask (N, C, *) to the object: d outside, 1 - d inside.

    d is the distance to the nearest pixel of the other side, so that the object's own border has 0. Where a
    mask has one side alone, all are 0. Above 0.5 is inside. Compares all pixels with all: for images of some
    thousand pixels.
    """
    if mask.ndim < 3:
        raise ValueError(f"mask must have shape (N, C, d1, ...), got {tuple(mask.shape)}")
    axes = [torch.arange(length, dtype=torch.float64) for length in mask.shape[2:]]
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).flatten(0, -2)
    apart = torch.cdist(places, places, compute_mode="donot_use_mm_for_euclid_dist")
    found = torch.zeros(mask.shape, dtype=mask.dtype if mask.is_floating_point() else torch.float32)
    for inside, row in zip(
        (mask > 0.5).flatten(2).flatten(0, 1), found.flatten(2).flatten(0, 1), strict=True
    ):
        if inside.any() and not inside.all():
            d = torch.where(inside, 1 - apart[:, ~inside].amin(1), apart[:, inside].amin(1))
            row.copy_(d)
    return found


# Compounds


def dice_ce_loss(
    input,
    target,
    weight=None,
    include_background=True,
    smooth=1e-5,
    lambda_dice=1.0,
    lambda_ce=1.0,
    reduction="mean",
):
    """lambda_dice × the Dice loss of the softmax + lambda_ce × the cross entropy.

    input               logits (N, C, *); target: labels (N, *)
    weight              None or (C,): in the cross entropy, and a factor of each class's Dice loss
    include_background  whether class 0 has a Dice loss
    reduction           "mean" or "sum", of both
    smooth, lambda_dice, lambda_ce >= 0. Isensee et al. 2018, https://arxiv.org/abs/1809.10486.
    """
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction must be 'mean' or 'sum', got {reduction!r}")
    z, y = _labelled(input, target, reduction)
    _at_least_0(lambda_dice=lambda_dice, lambda_ce=lambda_ce)
    first, weight = (0 if include_background else 1), _factor(weight, z)
    masks = F.one_hot(y, z.shape[1]).movedim(-1, 1)
    dice = dice_loss(z.softmax(1)[:, first:], masks[:, first:], smooth, reduction="none")
    dice = dice if weight is None else dice * weight[first:]
    cross_entropy = F.cross_entropy(z, y, weight, reduction=reduction)
    return (lambda_dice * _reduced(dice, reduction, z.dtype) + lambda_ce * cross_entropy).to(input.dtype)


def topk_cross_entropy(input, target, k=10.0):
    """The mean cross entropy of the k % of all pixels where it is largest, rounded down: nan if that is none.

    input  logits (N, C, *); target: labels (N, *); 0 < k <= 100.
    Wu, Shen and van den Hengel 2016, https://arxiv.org/abs/1605.06885.
    """
    z, y = _labelled(input, target, "mean")
    if not 0 < k <= 100:
        raise ValueError(f"k must be above 0 and at most 100, got {k}")
    losses = F.cross_entropy(z, y, reduction="none").flatten()
    return losses.topk(int(losses.numel() * k / 100)).values.mean().to(input.dtype)


# The small print


def _pair(input, beside, name, reduction):
    """Both in the precision of the sums, with their shapes, the dtype of input and the reduction checked."""
    if not input.is_floating_point():
        raise ValueError(f"input must be floating point, got {str(input.dtype).removeprefix('torch.')}")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")
    if input.shape != beside.shape:
        raise ValueError(
            f"input and {name} must have the same shape, got {tuple(input.shape)} and {tuple(beside.shape)}"
        )
    precision = torch.promote_types(input.dtype, torch.float32)
    return input.to(precision), beside.to(precision)


def _masks(input, beside, reduction, name="target", **options):
    """The same of images with classes; the options are numbers that are not below 0."""
    if input.ndim < 2:
        raise ValueError(f"input must have shape (N, C, d1, ...), got {tuple(input.shape)}")
    _at_least_0(**options)
    return _pair(input, beside, name, reduction)


def _labelled(input, target, reduction, ignore_index=None):
    """Input in the precision of the sums, and labels 0 to C - 1 of its pixels."""
    if input.ndim < 2:
        raise ValueError(f"input must have shape (N, C, d1, ...), got {tuple(input.shape)}")
    if target.is_floating_point() or target.dtype == torch.bool:
        raise ValueError(f"target must be integer labels, got {str(target.dtype).removeprefix('torch.')}")
    target = target.long()  # torch cannot compare uint16, uint32 and uint64
    expected = (input.shape[0], *input.shape[2:])
    if target.shape != expected:
        raise ValueError(
            f"target must have the shape of input without its classes, {expected}, got {tuple(target.shape)}"
        )
    wrong = target[((target < 0) | (target >= input.shape[1])) & (target != ignore_index)]
    if wrong.numel():
        raise ValueError(f"labels must be in 0..{input.shape[1] - 1}, got {wrong[0].item()}")
    return _pair(input, input, "input", reduction)[0], target


def _at_least_0(**options):
    for name, value in options.items():
        if value < 0:
            raise ValueError(f"{name} must be >= 0, got {value}")


def _factor(weight, z):
    if weight is not None and weight.shape != z.shape[1:2]:
        raise ValueError(f"weight must have shape ({z.shape[1]},), got {tuple(weight.shape)}")
    return None if weight is None else weight.to(z.dtype)


def _per_image(x):
    return x[..., None].flatten(2)  # (N, C, pixels), one pixel where there are no further axes


def _sum(x, batch):
    sums = _per_image(x).sum(2)
    return sums.sum(0) if batch else sums


def _tversky_sums(p, t, alpha, beta, batch):
    overlap, false_positive, false_negative = (_sum(x, batch) for x in (p * t, p * (1 - t), (1 - p) * t))
    return overlap, alpha * false_positive + beta * false_negative


def _reduced(values, reduction, dtype):
    return {"none": values, "mean": values.mean(), "sum": values.sum()}[reduction].to(dtype)
