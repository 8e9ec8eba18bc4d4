"""The explorer: a live widget with a kernel, the same drawing on a page without, else a picture."""
