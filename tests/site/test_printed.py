"""What a cell prints, on its page."""

import nbformat
from docutils.core import publish_doctree
from myst_nb.docutils_ import Parser

from book._ext.handbook import printed


def test_a_line_that_the_kernel_sent_in_pieces_stays_one(monkeypatch, tmp_path):
    pieces = [nbformat.v4.new_output("stream", text=text) for text in ("a lo", "ng line\nanot", "her\n")]
    cell = nbformat.v4.new_code_cell("print()", outputs=pieces, execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    settings = {"nb_execution_mode": "off", "nb_merge_streams": True, "report_level": 5}
    settings["nb_output_folder"] = str(tmp_path)

    def shown():
        page = publish_doctree(nbformat.writes(notebook), parser=Parser(), settings_overrides=settings)
        return [box.astext() for box in page.findall() if box.tagname == "literal_block"][1:]

    monkeypatch.setattr(printed.render, "coalesce_streams", printed.render.coalesce_streams)
    printed.join_as_nbval()
    assert shown() == ["a long line\nanother"]
