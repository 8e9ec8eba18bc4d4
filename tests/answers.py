"""What answers to exercises of several losses use, and numbers as messages show them."""

import numpy as np


def log_softmax(input):
    shifted = input - np.max(input, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def hinges(input, target):
    """max(0, 1 - own score + rival's score) for every rival, and 0 for the label itself."""
    own = input[np.arange(len(target)), target]
    rival = np.arange(input.shape[1]) != target[:, None]
    return np.maximum(0, 1 - own[:, None] + input) * rival


def six(number):
    """A number as messages show it."""
    return repr(float(f"{number:.6g}"))


LN2 = six(np.log(2))
