"""A notebook open in a browser: in JupyterLab, or in Notebook 7, which the same server shows.

What a page does here goes through the commands of its host, so the host must expose itself: give `hosts.lab`
the options in `EXPOSED`.
"""

import uuid

from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
# reset: without the tabs that were open before.
ADDRESSES = {"JupyterLab": "lab/tree/{}?reset", "Notebook 7": "notebooks/{}"}
EXPOSED = ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]
START_MS = 60_000
OPEN = """async path => {
  await jupyterapp.restored;
  await jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' });
}"""
PANEL = "jupyterapp.shell.currentWidget"


def notebook(*cells: str):
    """A notebook of code cells with these sources."""
    return new_notebook(cells=[new_code_cell(source.strip()) for source in cells], metadata=KERNEL)


def put(page, address, name, content):
    """Saves a notebook on the server at this address, as its own pages would."""
    model = {"type": "notebook", "format": "json", "content": content}
    answer = page.request.put(
        f"{address}/api/contents/{name}", data=model, headers=_permission(page, address)
    )
    assert answer.ok, answer.text()


def _permission(page, address) -> dict[str, str]:
    """The header that a server asks of whoever changes something."""
    page.request.get(f"{address}/lab")  # brings the cookie
    token = next(c["value"] for c in page.context.cookies(address) if c["name"] == "_xsrf")
    return {"X-XSRFToken": token}


def open_notebook(page, address, content, host="JupyterLab"):
    """Shows a new notebook of the server at this address, with an idle kernel.

    `page` may be an empty one; a page of JupyterLab that is there opens it without being loaded again.
    """
    name = f"{uuid.uuid4().hex}.ipynb"
    put(page, address, name, content)
    if page.url.startswith(f"{address}/lab"):
        page.wait_for_function("window.jupyterapp", timeout=START_MS)
        page.evaluate(OPEN, name)
    else:
        page.goto(f"{address}/{ADDRESSES[host].format(name)}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START_MS)
    page.wait_for_function(f"window.jupyterapp && {PANEL}?.content?.widgets", timeout=START_MS)
    wait_for_kernel(page, "idle")


def close_all(page):
    """Closes what a page of JupyterLab shows, without a question, and lets it forget the kernels."""
    page.evaluate("[...jupyterapp.shell.widgets('main')].forEach(widget => widget.dispose())")


def end_kernels(page, address):
    """Ends all kernels of the server at this address; `page` may be closed."""
    sessions = f"{address}/api/sessions"
    for session in page.request.get(sessions).json():
        page.request.delete(f"{sessions}/{session['id']}", headers=_permission(page, address))


def wait_for_kernel(page, status):
    page.wait_for_function(
        f"status => {PANEL}.sessionContext.session?.kernel?.status === status", arg=status, timeout=START_MS
    )


def run(page, cell, times=1):
    """Executes one cell, by its place, and again when it has ended."""
    page.evaluate(
        f"""async ([cell, times]) => {{
          {PANEL}.content.activeCellIndex = cell;
          for (let i = 0; i < times; i++) await jupyterapp.commands.execute('notebook:run-cell');
        }}""",
        [cell, times],
    )


def start(page, cell):
    """Executes one cell without waiting for its end."""
    page.evaluate(
        f"""cell => {{
          {PANEL}.content.activeCellIndex = cell;
          jupyterapp.commands.execute('notebook:run-cell');
        }}""",
        cell,
    )


def output(page, cell) -> str:
    """The text that a cell printed."""
    return page.evaluate(f"cell => {PANEL}.model.cells.get(cell).outputs.toJSON()[0].text", cell)


def execution_counts(page) -> list[int | None]:
    """How often the kernel had executed a cell when it executed this one, for each cell."""
    return page.evaluate(f"[...{PANEL}.model.cells].map(cell => cell.executionCount)")
