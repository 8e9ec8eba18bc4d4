"""make zip: the whole site in one file, the same bytes for the same site."""

import zipfile

import pytest

from tools import zip as zipping


@pytest.fixture
def small_site(tmp_path):
    site = tmp_path / "html"
    (site / "book").mkdir(parents=True)
    (site / "index.html").write_text("start")
    (site / "book" / "a.html").write_text("a")
    return site


def test_the_file_holds_the_site_in_one_folder_with_a_word_for_the_reader(small_site, tmp_path):
    size = zipping.pack(small_site, tmp_path / "site.zip")
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        names = archive.namelist()
        assert archive.read("handbook/book/a.html") == b"a"
    assert names == ["handbook/README.txt", "handbook/book/a.html", "handbook/index.html"]
    assert size == (tmp_path / "site.zip").stat().st_size


def test_the_same_site_gives_the_same_bytes(small_site, tmp_path):
    zipping.pack(small_site, tmp_path / "one.zip")
    (small_site / "index.html").touch()
    zipping.pack(small_site, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_without_a_site_it_says_how_to_build_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="make book"):
        zipping.pack(tmp_path, tmp_path / "site.zip")
