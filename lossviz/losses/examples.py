"""The images on which losses on masks are compared: one call gives the tensors that the calls name.

A            one image and class, 4 × 4 pixels: an object of four, one of them missed, and a false alarm
A+A2         a batch of A and an image whose object is one pixel; A+A: of A twice
B            one image of 4 × 4 pixels with three classes, of which the last has one pixel
B without 2  the same prediction, and the last class is not there; B with 255: two pixels nobody labelled
no object    one class, no object, and logits of −30; no object, all painted: logits of 30
"""

import torch
import torch.nn.functional as F

NAMES = ("A", "B", "A+A2", "A+A", "B without 2", "B with 255", "no object", "no object, all painted")
UNLABELLED = 255

_ROWS = {
    "A": ([0.1, 0.1, 0.1, 0.1], [0.1, 0.9, 0.8, 0.3], [0.1, 0.8, 0.5, 0.6], [0.1, 0.1, 0.1, 0.2]),
    "A2": ([0.5, 0.1, 0.1, 0.0], [0.1, 0.0, 0.0, 0.0], [0.1, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.1]),
}
_LABELS = {
    "A": ([0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]),
    "A2": ([1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]),
    "B": ([0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 2]),
}
_OF_LABEL = ([0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.2, 0.5])  # in B: the probabilities of a pixel


def example(name: str) -> dict[str, torch.Tensor]:
    """The tensors of an example in float64, by the names that calls have for them.

    p, z, t     probabilities, logits and masks, (N, C, 4, 4); y: labels, (N, 4, 4)
    p2, z2, t2  of one class: the same as two channels, the background first
    keep, w     of three classes: 1 where a pixel has a label, (1, 1, 4, 4), and class weights (3,)

    Raises ValueError for a name that is none of NAMES.
    """
    if name not in NAMES:
        raise ValueError(f"an example must be one of {', '.join(NAMES)}, got {name!r}")
    if name.startswith("no object"):
        z = torch.full((1, 1, 4, 4), 30.0 if name.endswith("painted") else -30.0, dtype=torch.float64)
        return _with_two_channels(z, z.sigmoid(), torch.zeros(1, 4, 4, dtype=torch.int64))
    return _three_classes(name) if name.startswith("B") else _one_class(name.split("+"))


def _one_class(images: list[str]) -> dict[str, torch.Tensor]:
    y = torch.tensor([_LABELS[image] for image in images])
    p = torch.tensor([_ROWS[image] for image in images], dtype=torch.float64)[:, None]
    return _with_two_channels(p.logit(), p, y)


def _with_two_channels(z: torch.Tensor, p: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
    t = y[:, None].double()
    both = {"p2": torch.cat([1 - p, p], 1), "z2": torch.cat([0 * p, z], 1), "t2": torch.cat([1 - t, t], 1)}
    return {"p": p, "z": z, "t": t, "y": y, **both}


def _three_classes(name: str) -> dict[str, torch.Tensor]:
    y = torch.tensor([_LABELS["B"]])
    p = torch.tensor(_OF_LABEL, dtype=torch.float64)[y].movedim(-1, 1)
    if name == "B without 2":
        y = y.where(y < 2, 0)
    t = F.one_hot(y, 3).movedim(-1, 1).double()
    if name == "B with 255":
        y[0, 0, :2] = UNLABELLED
    keep = (y != UNLABELLED).double()[:, None]
    w = torch.tensor([0.2, 0.5, 2.0], dtype=torch.float64)
    return {"p": p, "z": p.log(), "t": t * keep, "y": y, "keep": keep, "w": w}
