"""What answers of several families use."""

import numpy as np


def log_softmax(input):
    shifted = input - np.max(input, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def six(number):
    """A number as messages show it."""
    return repr(float(f"{number:.6g}"))


LN2 = six(np.log(2))
