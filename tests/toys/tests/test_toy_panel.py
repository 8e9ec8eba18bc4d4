"""The toy panel: its words, its picture, its page."""

import numpy as np
from lossviz.panels.toy import explore_toy


def test_a_toy_says_its_number_has_a_picture_and_takes_its_script_and_style_to_a_page():
    explorer = explore_toy(np.square, title="Toy")
    explorer.probe = 0.5
    assert repr(explorer) == "Explorer('Toy', probe=0.5): loss 0.250"
    assert explorer._repr_mimebundle_()["image/png"]
    assert "data-lossviz" in explorer.to_html()
