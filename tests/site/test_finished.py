"""The finished files: read once, and written once if a pass has changed them."""

from book._ext.handbook.finished import Finished


def test_passes_change_a_page_in_their_order_and_only_what_changed_is_written(tmp_path):
    for name in ("a.html", "b.html", "index.html", "a.css"):
        (tmp_path / name).write_bytes(b"one\r\n")
    before = (tmp_path / "b.html").stat().st_mtime_ns
    files = Finished(tmp_path)
    assert [path.name for path in files.pages] == ["a.html", "b.html"]
    files.change([tmp_path / "a.html"], lambda text: text + "two", str.upper)
    files.texts[tmp_path / "new.js"] = "made"
    assert (tmp_path / "a.html").read_bytes() == b"one\r\n"
    files.write()
    assert (tmp_path / "a.html").read_bytes() == b"ONE\r\nTWO"
    assert (tmp_path / "new.js").read_text() == "made"
    assert (tmp_path / "b.html").stat().st_mtime_ns == before


def test_a_digest_is_that_of_the_content_that_a_file_will_have(tmp_path):
    (tmp_path / "a.css").write_text("1")
    (tmp_path / "a.png").write_bytes(b"1")
    files = Finished(tmp_path)
    assert files.digest(tmp_path / "book" / ".." / "a.css") == files.digest(tmp_path / "a.png")
    files.texts[tmp_path / "a.css"] = "2"
    assert files.digest(tmp_path / "a.css") != files.digest(tmp_path / "a.png")
    assert files.digest(tmp_path / "none.css") is None
