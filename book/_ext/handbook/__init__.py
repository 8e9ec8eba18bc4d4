"""The handbook's extension of Sphinx: `setup` is the order of events, the functions below it are their steps.

Each module beside this one is about one thing of the site. It takes and returns texts and does not know when
it is called; that is said here and nowhere else.
"""

from pathlib import Path

from lossviz.losses import CATALOG

# Relative: Sphinx finds the package as `handbook`, the tests as `book._ext.handbook`.
from . import (
    codes,
    computed,
    executed,
    explorers,
    formulas,
    links,
    policy,
    portraits,
    preview,
    printed,
    publish,
    questions,
    reading,
    search,
    slides,
    source,
    styles,
    tables,
    theme,
    thinning,
    versions,
)
from .finished import Finished

FIELD = 'data-symptoms="field"'  # the page that has it loads its script
EARLY, LATE = 100, 900  # before and after the theme and all others who hear of the same event


def setup(app):
    # 1. The settings are known: where this copy is published gives it an address, and buttons.
    app.connect("config-inited", settle)
    app.connect("builder-inited", leave_the_index)
    # 2. Each page is read, and its cells are run unless that has just been done. Computed Markdown goes where
    #    the page's own would stand, before Sphinx lists the page's sections.
    app.connect("source-read", take_executed)
    app.connect("doctree-read", unbox, priority=EARLY)
    # 3. Each page becomes HTML, and its formulas MathML. Before that, when all its links are known, the
    #    blocks of a page that has slides are marked with the cells that they come from.
    app.add_html_math_renderer("mathml", (formulas.visit_inline, None), (formulas.visit_block, None))
    app.connect("doctree-resolved", mark, priority=LATE)
    # 4. Each page is put into the theme's frame, whose buttons are made by now: the passes over a body.
    app.connect("html-page-context", pass_over_page, priority=LATE)
    # 5. All is written: the passes over the finished files.
    app.connect("build-finished", pass_over_files, priority=LATE)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def settle(app, config):
    publish.configure(config)
    config.html_math_renderer = "mathml"
    printed.join_as_nbval()
    if executed.folder():
        config.nb_execution_mode = "off"


def leave_the_index(app):
    # The search has one of its own; its page is one of the additional pages of _config.yml.
    app.builder.search = False


def take_executed(app, docname, source):
    if executed.folder() and app.env.doc2path(docname).endswith(".ipynb"):
        source[0] = executed.notebook(source[0], Path(app.srcdir, executed.folder(), f"{docname}.ipynb"))


def unbox(app, doctree):
    computed.unbox(doctree)


def mark(app, doctree, docname):
    notebook = Path(app.env.doc2path(docname))
    if app.builder.format == "html" and slides.types(notebook) is not None:
        slides.mark(doctree)


def pass_over_page(app, pagename, templatename, context, doctree):
    publish.lead_colab_to_its_branch(context, app.config.html_theme_options.get("repository_branch"))
    if FIELD in context.get("body", ""):
        app.add_js_file("symptoms.js", loading_method="defer")
    if doctree is not None:
        site, page = app.config.html_baseurl or "", f"{pagename}.html"
        context["metatags"] = context.get("metatags", "") + preview.tags(
            context.get("title", ""), doctree, site, page
        )
    if "body" in context:
        context["body"] = pass_over_body(app, pagename, context)
        if tables.is_marked(context["body"]):
            app.add_js_file(tables.NAME, loading_method="defer")


def pass_over_body(app, pagename, context) -> str:
    """The body of a page as it stands on the site; writes the deck of slides that is made of it."""
    body, out = context["body"], Path(app.outdir)

    def to(file: str) -> str:
        return context["pathto"](file, resource=True)

    body = explorers.move_stills(body, out / "_images", to("_images"))
    body = explorers.share(body, to("_static"))
    body = formulas.with_punctuation(body)
    # In the body alone: a button of the theme downloads the notebook itself.
    body = links.to_pages(body)
    body = questions.with_questions(body)
    if site := app.config.html_baseurl:
        body = codes.with_codes(body, f"{site}{pagename}.html")
    body = source.linked(body, to(f"_static/{source.NAME}"))
    body = portraits.head(portraits.draw(body), pagename)
    # A deck shows what the page shows, but for the small portraits, which are drawn once a page.
    if slides.is_marked(body):
        notebook, page = Path(app.env.doc2path(pagename)), out / f"{pagename}.html"
        frame = {name: context[name] for name in ("title", "pathto")} | {"pagename": pagename}
        frame["family"] = portraits.family_of(pagename)
        body = slides.write(body, notebook, page, app.builder.templates, frame)
    return tables.mark(portraits.beside_names(body))


def pass_over_files(app, exception):
    if exception or app.builder.format != "html":
        return
    out, static, site = Path(app.outdir), Path(app.outdir) / "_static", app.config.html_baseurl
    documents = sorted(app.env.found_docs)
    # What goes, and what comes without a look at the pages.
    thinning.remove_unused(static)
    sizes = thinning.shrink_pictures(out / "_images")
    explorers.write(static)
    slides.write_reveal(static / "reveal")
    source.pack(Path(app.srcdir), static / source.NAME)
    publish.write(out, site, app.config.html_title, documents)
    # The pages as the theme and Jupyter Book should have made them.
    files = Finished(out)
    files.change(files.pages, theme.mend, reading.mark_contents, thinning.without_state, links.without_trace)
    for path in files.pages:
        # A slide must not wait for its picture when it is shown.
        late = not slides.is_deck(path)
        files.texts[path] = thinning.with_small_pictures(files.texts[path], sizes, late=late)
    # What is made of all pages: what the search reads, the font of the formulas, the icons that are left.
    pages = {name: files.texts[out / f"{name}.html"] for name in documents}
    files.texts[static / search.NAME] = search.script(pages, CATALOG.values())
    formulas.write_font(static / "formulas.woff2", [files.texts[path] for path in files.pages])
    thinning.thin_icons(files)
    # The search holds the words of all pages, of which none is set as a class.
    scripts = [files.texts[path] for path in files.scripts if path.name != search.NAME]
    known = styles.names((files.texts[path] for path in files.pages), scripts)
    for path in files.sheets:
        if styles.is_of_theme(path):
            files.texts[path] = styles.used(files.texts[path], known)
    # When all files are as they stay, addresses name their content: first those of fonts in the style sheets,
    # for the sheets are named in the pages.
    for path in files.sheets:
        files.texts[path] = versions.of_fonts(files.texts[path], path.parent, files.digest)
    for path in files.pages:
        files.texts[path] = versions.of_files(files.texts[path], path.parent, files.digest)
    # What a page may load is said when nothing changes in it any more.
    for path in files.pages:
        files.texts[path] = policy.finish(files.texts[path], is_deck=slides.is_deck(path))
    files.write()
