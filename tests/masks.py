"""Masks for the losses that compare areas: two images of two classes, and the calls that all share."""

import numpy as np

from tests.inputs import INF, NAN

P = np.array([[[[0.1, 0.9], [0.8, 0.3]], [[0.5, 0.6], [0.0, 1.0]]]])
T = np.array([[[[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]]])
P, T = np.concatenate([P, P[:, ::-1] ** 2]), np.concatenate([T, T[..., ::-1]])


def edges(p=P, t=T):
    """Changes of a call with the probabilities p and the masks t, by what is at the edge."""
    return {
        "a perfect mask": {"input": t},
        "no object": {"target": 0 * t},
        "nothing": {"input": 0 * p},
        "nothing of nothing": {"input": 0 * p, "target": 0 * t},
        "nothing of nothing without smooth": {"input": 0 * p, "target": 0 * t, "smooth": 0},
        "everything": {"input": np.ones_like(p), "target": np.ones_like(t)},
        "one pixel": {"input": p[..., 0, 0], "target": t[..., 0, 0]},
        "a volume": {"input": p[..., None], "target": t[..., None]},
        "no images": {"input": p[:0], "target": t[:0]},
        "no classes": {"input": p[:, :0], "target": t[:, :0]},
        "no pixels": {"input": p[..., :0], "target": t[..., :0]},
        "a bool mask": {"target": t == 1},
        "a byte mask": {"target": t.astype(np.uint8)},
        "a mask of integers": {"target": t.astype(np.int64)},
        "a mask of 0 and 255": {"target": (255 * t).astype(np.uint8)},
        "soft labels": {"target": p**2},
        "logits": {"input": 10 * p - 5},
        "nan in a prediction": {"input": np.where(p == 0.9, NAN, p)},
        "nan in a mask": {"target": np.where(p == 0.9, NAN, t)},
        "inf in a prediction": {"input": np.where(p == 0.9, INF, p)},
        "-inf in a prediction": {"input": np.where(p == 0.1, -INF, p)},
        "a large smooth": {"smooth": 1e6},
        "an infinite smooth": {"smooth": INF},
        "many pixels in half": {
            "input": np.ones((1, 1, 300, 300), np.float16),
            "target": np.ones((1, 1, 300, 300), np.float16),
        },
    }


def refused(p=P, t=T):
    """Changes of a call that each of these losses refuses, by the message."""
    shapes = f"input and target must have the same shape, got {p.shape} and "
    return {
        "input must be floating point, got int32": {"input": np.ones(p.shape, np.int32)},
        "input must be floating point, got bool": {"input": p > 0.5},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        "input must have shape (N, C, d1, ...), got ()": {"input": np.array(0.5), "target": np.array(1.0)},
        "input must have shape (N, C, d1, ...), got (2,)": {"input": p[0, 0, 0], "target": t[0, 0, 0]},
        f"{shapes}{t[:, :1].shape}": {"target": t[:, :1]},
        f"{shapes}{t[:, 0].shape}": {"target": t[:, 0]},
        "smooth must be >= 0, got -1": {"smooth": -1},
    }
