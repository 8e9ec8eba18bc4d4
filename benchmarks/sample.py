"""What the contestants show: smooth L1 and its gradient for the same positions of beta, and plain sliders.

The explorer draws all it can at every step: probe, tangent, ghost, marks and three more curves, of which one
moves with beta too. The others draw the two curves alone.
"""

import ipywidgets
import numpy as np
from matplotlib import pyplot as plt

from lossviz import Slider, explore, explore_mask

XS = np.linspace(-3, 3, 121)
BETA = Slider(0.05, 5, 1, log=True, label="β")
START = BETA.values[0]
INCHES = (7.4, 4.3)


def loss(input, beta):
    distance = np.abs(input)
    return np.where(distance < beta, 0.5 * distance**2 / beta, distance - 0.5 * beta)


def grad(input, beta):
    return np.clip(input / beta, -1, 1)


def huber(input, beta):
    return beta * loss(input, beta)


def huber_grad(input, beta):
    return beta * grad(input, beta)


def explorer(**options):
    return explore(
        loss,
        grad,
        controls={"beta": BETA},
        overlay={
            "L1": (np.abs, np.sign),
            "MSE": (np.square, lambda input: 2 * input),
            "Huber": (huber, huber_grad),
        },
        marks={"target": 0, "−β": lambda beta: -beta, "β": lambda beta: beta},
        probe=1.5,
        y=(0, 4),
        grad_y=(-2.2, 2.2),
        title="Smooth L1",
        x_label="input − target",
        call="F.smooth_l1_loss(input, target, beta={beta})",
        **options,
    )


def scaled(input, value):
    return np.abs(input) * value


def counter():
    """Its positions are their own values, so that a lost step shows in the value."""
    return explore(scaled, controls={"value": Slider(0, 100, 0, step=1)}, title="Counter")


def dice(prediction, target):
    return 1 - 2 * (prediction * target).sum() / (prediction.sum() + target.sum())


def dice_grad(prediction, target):
    total = prediction.sum() + target.sum()
    return (2 * (prediction * target).sum() / total - 2 * target) / total


def squared(prediction, target):
    return np.mean((prediction - target) ** 2)


def squared_grad(prediction, target):
    return 2 * (prediction - target) / target.size


def mask(side):
    """A square of a ninth of the pixels, with numbers in all of them."""
    target = np.zeros((side, side))
    target[side // 3 : 2 * side // 3, side // 3 : 2 * side // 3] = 1
    return explore_mask(
        {"Dice": (dice, dice_grad), "squared": (squared, squared_grad)}, target, write="number", title="Mask"
    )


def int_slider():
    return ipywidgets.IntSlider(0, 0, 100)


def plot(beta):
    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=INCHES)
    (loss_line,) = above.plot(XS, loss(XS, beta))
    (grad_line,) = below.plot(XS, grad(XS, beta))
    above.set(ylim=(0, 4))
    below.set(ylim=(-2.2, 2.2))
    return figure, loss_line, grad_line


def interact():
    """What a notebook usually does: a new figure for each value."""

    def draw(beta):
        plot(beta)
        plt.show()

    ipywidgets.interact(draw, beta=ipywidgets.SelectionSlider(options=BETA.values, value=START))


def ipympl():
    """The fastest that ipympl allows: one figure, whose lines get new data. After `%matplotlib widget`."""
    with plt.ioff():  # or the figure would show a second time
        figure, loss_line, grad_line = plot(START)
    slider = ipywidgets.SelectionSlider(options=BETA.values, value=START)

    def move(change):
        loss_line.set_ydata(loss(XS, change.new))
        grad_line.set_ydata(grad(XS, change.new))
        figure.canvas.draw_idle()

    slider.observe(move, "value")
    return ipywidgets.VBox([slider, figure.canvas])
