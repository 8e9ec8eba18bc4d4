"""A Jupyter server with this extension saves notebooks so that explorers are there when they are opened.

JupyterLab prefers an explorer's live view to its page and its picture, which stand beside it. The view only
names a model in the kernel: when that is gone, JupyterLab shows "Error displaying widget: model not found".
So the view is left out of what is saved; the open notebook keeps it. The page then stands in its place, which
moves without a kernel, and where JupyterLab does not trust the notebook, the picture.

pip installs this beside lossviz and enables it. It is no part of that package: a server that imported lossviz
would import torch.
"""

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PAGE = '<div class="lossviz-'


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "lossviz_server"}]


def _load_jupyter_server_extension(server) -> None:
    server.contents_manager.register_pre_save_hook(leave_out_views)


def leave_out_views(model: dict, **_) -> None:
    """Drop, in place, the live view of each explorer from a notebook that is about to be saved.

    model  what the server saves; anything but a notebook stays as it is, and so does a view whose model is
           saved with the notebook ("Save widget state" in JupyterLab's settings): it is live again.

    The server logs what this raises, and saves all the same.
    """
    if model.get("type") != "notebook":
        return
    content = model["content"]
    kept = content["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    for cell in content["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if _is_explorer(data) and data[VIEW].get("model_id") not in kept:
                del data[VIEW]


def _is_explorer(data: dict) -> bool:
    return VIEW in data and "".join(data.get("text/html", "")).startswith(PAGE)
