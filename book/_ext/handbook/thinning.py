"""What no page of the finished site uses goes: icons, files of the theme, the state of the widgets, and the
colours of pictures beyond the 256 that a curve with its soft edges needs."""

import io
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fontTools import subset
from PIL import Image

from .finished import Finished

# Jupyter Book writes it into each page for a widget manager, which the pages do not have.
STATE = re.compile(r'<script type="application/vnd\.jupyter\.widget-state\+json">.*?</script>\s*', re.DOTALL)
ICON_RULE = re.compile(r'(?:\.fa-[\w-]+:before,?)+\{content:"([^"]*)"\}')
ICON_NAME = re.compile(r"\bfa-[\w-]+")
PICTURE = re.compile(r'<img ([^>]*src="[^"]*_images/)([\w-]+)\.png("[^>]*>)')
PRIVATE = re.compile("[\ue000-\uf8ff]")
# Folders and files below _static that no page asks for.
UNUSED = [
    "searchtools.js",
    "language_data.js",
    "locales",
    "scripts/fontawesome.js",
    "**/*.map",
    "**/*.ttf",
    "**/*.LICENSE.txt",
    "**/*macros.html",
]


def without_state(page: str) -> str:
    return STATE.sub("", page)


def used_icons(css: str, names: set[str]) -> tuple[str, set[str]]:
    """The style sheet less the rules of other icons, and the characters of the icons that are left."""

    def keep(match: re.Match) -> str:
        return match[0] if names & set(ICON_NAME.findall(match[0])) else ""

    css = ICON_RULE.sub(keep, css)
    escaped = {chr(int(code, 16)) for code in re.findall(r'"\\(f[0-9a-f]{3})"', css)}
    return css, escaped | set(PRIVATE.findall(css))


def small_picture(png: bytes) -> bytes | None:
    """The picture with a palette, as WebP without loss: a quarter of its size. None if it is transparent."""
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    if picture.getchannel("A").getextrema() != (255, 255):
        return None
    out = io.BytesIO()
    few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).convert("RGB")
    few.save(out, "WEBP", lossless=True, quality=100, method=4)
    return out.getvalue()


def remove_unused(static: Path) -> None:
    """Removes from the folder `_static` what no page asks for."""
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def shrink_pictures(folder: Path) -> dict[str, tuple[int, int]]:
    """Makes the pictures of the folder small; by its name, width and height of each with a new ending."""
    paths = sorted(folder.glob("*.png"))
    with ThreadPoolExecutor() as threads:  # Pillow lets go of the interpreter while it computes
        return dict(filter(None, threads.map(shrink_picture, paths)))


def shrink_picture(path: Path) -> tuple[str, tuple[int, int]] | None:
    """Puts the small picture in the place of this one: its name and size. None if it stays."""
    png = path.read_bytes()
    if not (small := small_picture(png)):
        return None
    path.with_suffix(".webp").write_bytes(small)
    path.unlink()
    return path.stem, Image.open(io.BytesIO(png)).size


def with_small_pictures(page: str, sizes: dict[str, tuple[int, int]], *, late: bool) -> str:
    """The page led to its small pictures; if `late`, a browser fetches each only when a reader comes near.

    Its size is said then, so that nothing moves when it comes.
    """

    def lead(match: re.Match) -> str:
        before, name, after = match.groups()
        if name not in sizes:
            return match[0]
        width, height = sizes[name]
        own = "" if not late or "loading=" in before else f'loading="lazy" width="{width}" height="{height}" '
        return f"<img {own}{before}{name}.webp{after}"

    return PICTURE.sub(lead, page)


def thin_icons(files: Finished) -> None:
    """Leaves in the style sheets and in the fonts of icons those that a page or a script names."""
    named = [files.texts[path] for path in (*files.pages, *files.scripts)]
    names = {name for text in named for name in ICON_NAME.findall(text)}
    icons = set()
    for path in files.sheets:
        files.texts[path], found = used_icons(files.texts[path], names)
        icons |= found
    for path in (files.folder / "_static").glob("vendor/fontawesome/**/*.woff2"):
        options = subset.Options(flavor="woff2", ignore_missing_unicodes=True)
        font = subset.load_font(str(path), options)
        maker = subset.Subsetter(options)
        maker.populate(unicodes=map(ord, icons))
        maker.subset(font)
        subset.save_font(font, str(path), options)
