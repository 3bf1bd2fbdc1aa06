"""How Sphinx makes the documentation; `python -m mvtheory.docs` runs it."""

import os
import re
import sys
from pathlib import Path

SOURCE = Path(__file__).parent
ROOT = SOURCE.parent
# This checkout, whatever is installed.
sys.path[:0] = [str(ROOT), str(SOURCE)]
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from sphinx.application import Sphinx  # noqa: E402
from sphinx.errors import ExtensionError  # noqa: E402

import mvtheory  # noqa: E402
from making import examples_of_pages, links, records, reference, shell  # noqa: E402
from making import project as project_pages  # noqa: E402

project = "mvtheory"
author = copyright = "The mvtheory authors"
version = release = mvtheory.__version__

extensions = [
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "making.mathml",
    "making.shell",
]
MADE = ("reference", "gallery", "benchmarks", "project", "scratch")
"""Folders that are made, and that git ignores."""
exclude_patterns = [
    "scratch",
    "examples",
    "gallery/**/*.ipynb",
    "gallery/**/*.py",
    "**/__pycache__",
]
nitpicky = True
smartquotes = False
html_math_renderer = "mathml"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["config.cache"]

add_module_names = False
toc_object_entries_show_parents = "hide"
python_display_short_literal_types = True

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "capture_repr": (),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "matplotlib_animations": False,
    "reference_url": {"mvtheory": None},
    "copyfile_regex": r"^$",
}

html_theme = "furo"
html_title = "mvtheory"
html_static_path = ["style"]
html_css_files = ["pages.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
pygments_style = "friendly"
pygments_dark_style = "monokai"


def make_pages(app: Sphinx) -> None:
    """What is read off the project, and the examples of what is written by hand."""
    reference.make(SOURCE / "reference")
    records.make(ROOT / "benchmarks" / "records", SOURCE / "benchmarks")
    project_pages.make(ROOT, SOURCE / "project")
    shell.clean(SOURCE)
    for page in sorted(SOURCE.rglob("*.md")):
        if page.relative_to(SOURCE).parts[0] not in MADE and ">>> " in page.read_text("utf-8"):
            examples_of_pages.run(SOURCE, page)


def at_home(app: Sphinx, docname: str, text: list[str]) -> None:
    """Links to records lead to the pages made of them; examples end at their last line."""
    up = "../" * docname.count("/")
    linked = re.sub(r"\]\((?:\.\./)+benchmarks/records/", f"]({up}benchmarks/", text[0])
    # The blank line that ends what a doctest expects.
    text[0] = re.sub(r"\n\n```$", "\n```", linked, flags=re.MULTILINE)


def check_links(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.name == "html" and (wrong := links.broken(Path(app.outdir))):
        raise ExtensionError("\n".join(["links that lead nowhere:", *wrong]))


def setup(app: Sphinx) -> None:
    # Before the gallery and before files are looked for.
    app.connect("builder-inited", make_pages, priority=100)
    app.connect("source-read", at_home)
    app.connect("build-finished", check_links, priority=900)
