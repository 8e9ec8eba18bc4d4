"""The explorer's script and styles as one model that every live explorer of a kernel refers to."""

import ipywidgets
import traitlets

from lossviz.explorer import bundle


class SharedCode(ipywidgets.Widget):
    """What live.js runs: a page that shows a hundred explorers receives and loads it once."""

    digest = traitlets.Unicode().tag(sync=True)
    module = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)


_made: list[SharedCode] = []


def shared_code() -> SharedCode:
    """The model of this kernel, made anew where `Widget.close_all()` closed it."""
    if not _made or _made[-1].comm is None:
        _made[:] = [SharedCode(digest=bundle.digest(), module=bundle.module(), style=bundle.style())]
    return _made[-1]
