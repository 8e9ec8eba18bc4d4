"""What a page computes as Markdown is a part of the page, as if it had been written there.

MyST-NB puts an output into a box, and in a box a heading begins no section: neither the contents of the page
nor a link to the section would know it. A cell whose code is shown keeps its box.
"""

from docutils import nodes


def is_markdown(node) -> bool:
    return isinstance(node, nodes.container) and node.get("mime_type") == "text/markdown"


def cell_of(node):
    """The box of the cell that this output comes from."""
    while node.get("nb_element") != "cell_code":
        node = node.parent
    return node


def sections(found: list) -> list:
    """The nodes of an output, with each heading and what follows it as a section."""
    top, around = [], []
    for node in found:
        if isinstance(node, nodes.rubric):
            while around and around[-1][0] >= node["level"]:
                around.pop()
            section = nodes.section(ids=node["ids"], names=node["names"])
            section += nodes.title("", "", *node.children)
            (around[-1][1] if around else top).append(section)
            around.append((node["level"], section))
        else:
            (around[-1][1] if around else top).append(node)
    return top


def unbox(doctree) -> None:
    for markdown in list(doctree.findall(is_markdown)):
        cell = cell_of(markdown)
        if not any(child.get("nb_element") == "cell_code_source" for child in cell.children):
            # Not replace_self, which hands the classes of the box on to the first of the nodes.
            place = cell.parent.index(cell)
            cell.parent[place : place + 1] = sections(markdown.children)
