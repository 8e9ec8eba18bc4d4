"""Nothing unused in the finished site."""

import io

import numpy as np
from PIL import Image

from book._ext.handbook import thinning
from book._ext.handbook.finished import Finished
from lossviz import explore


def drawn(transparent):
    out = io.BytesIO()
    explore(abs).figure().savefig(out, transparent=transparent)
    return out.getvalue()


def test_a_picture_gets_a_palette_and_looks_the_same():
    before = drawn(transparent=False)
    after = thinning.small_picture(before)
    assert len(after) < len(before) / 3
    pixels = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int) for png in (before, after)]
    off = np.abs(pixels[0] - pixels[1])
    # Of 255: no eye sees it, not even in the few pixels of a soft edge that are off by more.
    assert np.quantile(off, 0.9999) <= 24 and off.max() <= 48 and off.mean() < 0.1


def test_a_page_is_led_to_its_small_pictures_and_fetches_them_late(tmp_path):
    (tmp_path / "a.png").write_bytes(drawn(transparent=False))
    (tmp_path / "see-through.png").write_bytes(drawn(transparent=True))
    width, height = Image.open(tmp_path / "a.png").size
    sizes = thinning.shrink_pictures(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.webp", "see-through.png"]
    assert sizes == {"a": (width, height)}
    others = '<img src="_images/see-through.png"><img src="_static/a.png"><a href="_images/a.png"></a>'
    still = '<img loading="lazy" alt="" src="_images/a.png">'
    page = f'<img alt="b" src="../../_images/a.png" />{still}{others}'
    small = page.replace('a.png" />', 'a.webp" />').replace(still, still.replace("png", "webp"))
    assert thinning.with_small_pictures(page, sizes, late=False) == small
    late = small.replace("<img", f'<img loading="lazy" width="{width}" height="{height}"', 1)
    assert thinning.with_small_pictures(page, sizes, late=True) == late


def test_icons_that_no_page_shows_lose_their_rules():
    css = '.fa-sun:before{content:"\\f185"}.fa-cat:before,.fa-tom:before{content:"\\f6be"}a{--i:"\uf058"}'
    assert thinning.used_icons(css, {"fa-sun"}) == (
        '.fa-sun:before{content:"\\f185"}a{--i:"\uf058"}',
        {"\uf185", "\uf058"},
    )


def test_the_state_of_widgets_is_left_out():
    state = '<script type="application/vnd.jupyter.widget-state+json">\n{"a": 1}\n</script>\n'
    assert thinning.without_state(f"<p>a</p>{state}<script>b</script>") == "<p>a</p><script>b</script>"


def test_the_icons_of_pages_and_of_scripts_are_left(tmp_path):
    (tmp_path / "a.html").write_text('<i class="fa-sun"></i>')
    (tmp_path / "a.js").write_text('const icon = "fa-cat";')
    rules = {name: f'.fa-{name}:before{{content:"\\f00{k}"}}' for k, name in enumerate(("sun", "cat", "tom"))}
    (tmp_path / "a.css").write_text("".join(rules.values()))
    files = Finished(tmp_path)
    thinning.thin_icons(files)
    assert files.texts[tmp_path / "a.css"] == rules["sun"] + rules["cat"]
