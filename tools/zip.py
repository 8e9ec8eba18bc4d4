"""The built site as one file to carry away: _build/handbook.zip. The same site gives the same bytes."""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
FOLDER = "handbook"
READ_ME = """The Loss Function Handbook

Unpack this file and open index.html in a browser. Everything is in this folder: no network is needed.
"""
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip file knows


def pack(site: Path, target: Path) -> int:
    """Writes the zip file and returns its size in bytes; FileNotFoundError if there is no built site."""
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"there is no built site in {site}; build it: make book")
    files = sorted(path for path in site.rglob("*") if path.is_file() and path.name != ".buildinfo")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        add(archive, f"{FOLDER}/README.txt", READ_ME.encode())
        for path in files:
            add(archive, f"{FOLDER}/{path.relative_to(site).as_posix()}", path.read_bytes())
    return target.stat().st_size


def add(archive: zipfile.ZipFile, name: str, content: bytes, runs: bool = False) -> None:
    """Adds a file without the date and the rights that differ from machine to machine; `runs`: a program."""
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (0o755 if runs else 0o644) << 16
    archive.writestr(entry, content)


def main() -> None:
    target = SITE.parent / "handbook.zip"
    try:
        size = pack(SITE, target)
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(f"The site as one file: {target} ({size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
